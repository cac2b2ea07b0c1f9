/** Upper bounds in seconds; those of prom-client and of OpenFaaS' dashboards. */
export const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** The calls of one function that ended with one status. */
export interface Tally {
  readonly function: string
  readonly status: number
  count: number
  seconds: number
  /** How many took at most `bounds[i]` and more than the bound before; the slowest are in none. */
  readonly within: Float64Array
}

/**
 * Counts calls in plain numbers. prom-client finds the place of every observation by hashing its labels, three times per
 * call, which was a twentieth of all that a call costs the gateway; so it is only told when somebody scrapes.
 */
export class CallCounts {
  readonly started = new Map<string, number>()
  readonly #answered = new Map<string, Map<number, Tally>>()

  start(functionKey: string): void {
    this.started.set(functionKey, (this.started.get(functionKey) ?? 0) + 1)
  }

  answer(functionKey: string, status: number, seconds: number): void {
    const tally = this.#answered.get(functionKey)?.get(status) ?? this.#add(functionKey, status)
    tally.count++
    tally.seconds += seconds
    const place = bounds.findIndex((bound) => seconds <= bound)
    if (place >= 0) tally.within[place] = (tally.within[place] ?? 0) + 1
  }

  *answered(): Iterable<Tally> {
    for (const byStatus of this.#answered.values()) yield* byStatus.values()
  }

  #add(functionKey: string, status: number): Tally {
    const tally = { function: functionKey, status, count: 0, seconds: 0, within: new Float64Array(bounds.length) }
    const byStatus = this.#answered.get(functionKey) ?? new Map<number, Tally>()
    this.#answered.set(functionKey, byStatus.set(status, tally))
    return tally
  }
}
