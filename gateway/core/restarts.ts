export interface LastEnd {
  /** RFC 3339. */
  readonly at: string
  /** A sentence, and on further lines its last words. */
  readonly reason: string
}

/** Ends within this time belong together. */
const windowMs = 600_000
/** A service that ends more often than this is held. */
const burst = 10
const longestDelayMs = 30_000
const heldMs = 300_000

/** How often a revision's replicas ended without being asked to, and when the next one is started. */
export class Restarts {
  count = 0
  last: LastEnd | undefined
  /** It is started only every five minutes, or when it is called. */
  isHeld = false
  readonly #isService: boolean
  #recent: number[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(isService: boolean) {
    this.#isService = isService
  }

  ended(reason: string): void {
    this.count++
    this.last = { at: new Date().toISOString(), reason }
  }

  /** A replica is ready: what failed before is forgiven. A service must show that it lasts. */
  started(): void {
    this.isHeld = false
    if (!this.#isService) this.#recent = []
  }

  /** Starts again when it is time; returns the milliseconds until then. */
  schedule(start: () => void): number {
    const delayMs = this.delayMs()
    this.cancel()
    this.#timer = setTimeout(start, delayMs)
    return delayMs
  }

  cancel(): void {
    clearTimeout(this.#timer)
  }

  /** Milliseconds until the next start: none at first, in a crash loop ever more (0.5 s doubling to 30 s). */
  delayMs(now = performance.now()): number {
    this.#recent = [...this.#recent.filter((at) => at > now - windowMs), now]
    this.isHeld = this.#isService && this.#recent.length > burst
    if (this.isHeld) return heldMs
    const again = this.#recent.length - 1
    return again === 0 ? 0 : Math.min(250 * 2 ** again, longestDelayMs)
  }
}
