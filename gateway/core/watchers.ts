import type { SkepError } from './errors.ts'

/** Those who wait for the next change of anything. */
export class Watchers {
  readonly #waiting = new Set<(failure?: SkepError) => void>()

  get any(): boolean {
    return this.#waiting.size > 0
  }

  /** Resolves at the next change, with the failure if it is one. */
  next(): Promise<SkepError | undefined> {
    return new Promise((resolve) => this.#waiting.add(resolve))
  }

  tell(failure?: SkepError): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const watcher of waiting) watcher(failure)
  }
}
