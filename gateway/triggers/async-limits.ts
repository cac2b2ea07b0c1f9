import { AdaptiveLimit } from '../core/adaptive-limit.ts'

interface Entry {
  readonly limit: AdaptiveLimit
  running: number
}

/** How many calls of which function may run now. It knows the functions that have calls running, or that pushed back. */
export class AsyncLimits {
  readonly #entries = new Map<string, Entry>()

  /** A function that is not in it may have one call: by that, its limit becomes known. */
  at(now: number): Map<string, number> {
    return new Map([...this.#entries].map(([name, { limit }]) => [name, limit.at(now)]))
  }

  begin(name: string, concurrency: number): void {
    const entry = this.#entries.get(name) ?? { limit: new AdaptiveLimit(concurrency), running: 0 }
    entry.limit.max = concurrency
    entry.running++
    this.#entries.set(name, entry)
  }

  /** `pushedBackMs`: it wants to be left alone for so long. */
  end(name: string, now: number, pushedBackMs: number | undefined): void {
    const entry = this.#entries.get(name)
    if (entry === undefined) return
    entry.running--
    if (pushedBackMs !== undefined) entry.limit.pushedBack(now, pushedBackMs)
    else entry.limit.taken()
    if (entry.running === 0 && entry.limit.isFull) this.#entries.delete(name)
  }

  /** When the first of those that want to be left alone may be asked again. */
  nextChange(now: number): number | undefined {
    const pauses = [...this.#entries.values()].map(({ limit }) => limit.pausedUntil).filter((until) => until > now)
    return pauses.length === 0 ? undefined : Math.min(...pauses)
  }
}
