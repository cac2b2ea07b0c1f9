import { setTimeout as sleep } from 'node:timers/promises'

const longestPauseMs = 250

/** The time between the word of a watchdog that a replica is ready and the first answer of the function behind it. */
export class Trial {
  passed = false
  /** How often the watchdog did not reach the function. */
  #failures = 0
  readonly #since = performance.now()

  /** From the first answer of the function on, or once it had its time to start, every answer is the function's. */
  isOver(now: number, limitMs: number): boolean {
    return this.passed || now - this.#since >= limitMs
  }

  failed(): void {
    this.#failures++
  }

  /** Before the next try: short at first, so that the first callers do not wait much longer than the function takes. */
  async pause(signal: AbortSignal): Promise<void> {
    if (this.passed || this.#failures === 0) return
    await sleep(Math.min(10 * this.#failures, longestPauseMs), undefined, { signal })
  }
}
