const shortestPauseMs = 100

/** How many calls a function may get at a time: fewer when it pushes back, slowly more again while it takes them. */
export class AdaptiveLimit {
  #max: number
  #current: number
  #pausedUntil = 0

  constructor(max: number) {
    this.#max = max
    this.#current = max
  }

  /** A new revision may have another limit. */
  set max(max: number) {
    if (max === this.#max) return
    this.#max = max
    this.#current = Math.min(this.#current, max)
  }

  get pausedUntil(): number {
    return this.#pausedUntil
  }

  get isFull(): boolean {
    return this.#current >= this.#max
  }

  at(now: number): number {
    return now < this.#pausedUntil ? 0 : Math.floor(this.#current)
  }

  /** All that it is sent at once comes back at once: that halves it only once. */
  pushedBack(now: number, retryAfterMs: number): void {
    if (now >= this.#pausedUntil) this.#current = Math.max(1, this.#current / 2)
    this.#pausedUntil = Math.max(this.#pausedUntil, now + Math.max(retryAfterMs, shortestPauseMs))
  }

  taken(): void {
    this.#current = Math.min(this.#max, this.#current + 1 / this.#current)
  }
}
