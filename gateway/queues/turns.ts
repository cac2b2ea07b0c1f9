import { callStates } from '../core/queue.ts'
import type { CallState } from '../core/queue.ts'

type Counts = Record<CallState, number>

/** Counts the calls of each function by state, and says which function's turn it is. */
export class Turns {
  readonly #counts = new Map<string, Counts>()
  /** Functions with waiting calls; the one that was served longest ago comes first. */
  readonly #line = new Map<string, Counts>()

  /** `calls` of a function went from one state to another; undefined: they were not there before, or are not any more. */
  move(name: string, from: CallState | undefined, to: CallState | undefined, calls = 1): void {
    const counts = this.#counts.get(name) ?? noCounts()
    if (from) counts[from] -= calls
    if (to) counts[to] += calls
    if (callStates.some((state) => counts[state] > 0)) this.#counts.set(name, counts)
    else this.#counts.delete(name)
    if (counts.waiting === 0) this.#line.delete(name)
    else if (!this.#line.has(name)) this.#line.set(name, counts)
  }

  /** The next function that may run one more call; it goes to the end of the line. */
  next(limits: ReadonlyMap<string, number>): string | undefined {
    for (const [name, counts] of this.#line) {
      if (counts.running >= (limits.get(name) ?? 1)) continue
      this.#line.delete(name)
      this.#line.set(name, counts)
      return name
    }
    return undefined
  }

  counts(): Map<string, Counts> {
    return new Map([...this.#counts].map(([name, counts]) => [name, { ...counts }]))
  }

  clear(): void {
    this.#counts.clear()
    this.#line.clear()
  }
}

const noCounts = (): Counts => ({ waiting: 0, delayed: 0, running: 0, done: 0, dead: 0, cancelled: 0 })
