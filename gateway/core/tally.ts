/** Bins per doubling of the time: a percentile is right to about 9 %. */
const binsPerDouble = 8
/** From 2⁻⁷ s (8 ms), where everything faster is put, to 2¹¹ s. */
const firstDouble = -7
const bins = binsPerDouble * 18

/** What a tally counted, as other gateways are told it. */
export interface TallyCounts {
  readonly of: string
  readonly requests: number
  readonly errors: number
  /** Calls by bin; those without any are left out. */
  readonly durations: Readonly<Record<string, number>>
}

/** How the calls of a revision went since it was made: counts that cost nothing on the hot path. */
export class Tally {
  /** What it is kept for, where several gateways count the same. */
  readonly of: string
  readonly since = performance.now()
  requests = 0
  /** Answers that are the function's or the platform's fault: 500 and above. */
  errors = 0
  readonly #durations = new Uint32Array(bins)

  constructor(of = '') {
    this.of = of
  }

  get counts(): TallyCounts {
    const bins = [...this.#durations.entries()].filter(([, calls]) => calls > 0)
    return { of: this.of, requests: this.requests, errors: this.errors, durations: Object.fromEntries(bins) }
  }

  /** Together with what others counted for the same. */
  with(others: readonly TallyCounts[]): Tally {
    const sum = new Tally(this.of)
    for (const { requests, errors, durations } of [this.counts, ...others]) {
      sum.requests += requests
      sum.errors += errors
      for (const [bin, calls] of Object.entries(durations))
        sum.#durations[Number(bin)] = (sum.#durations[Number(bin)] ?? 0) + calls
    }
    return sum
  }

  add(status: number, seconds: number): void {
    this.requests++
    if (status >= 500) this.errors++
    const bin = Math.floor((Math.log2(seconds) - firstDouble) * binsPerDouble)
    const index = Math.min(Math.max(bin, 0), bins - 1)
    this.#durations[index] = (this.#durations[index] ?? 0) + 1
  }

  /** Seconds within which that part (0 to 1) of the calls was answered, at most. */
  percentile(part: number): number {
    let left = this.requests * part
    for (let index = 0; index < bins; index++) {
      left -= this.#durations[index] ?? 0
      if (left <= 0) return 2 ** ((index + 1) / binsPerDouble + firstDouble)
    }
    return 0
  }
}
