import { Demand } from './demand.ts'
import type { RevisionLoad } from './peer-messages.ts'
import type { Policy } from './policy.ts'
import { LoadMeter, type Load } from './scaling.ts'

/** After a cold start, the time that the first replica has for those who waited. */
const settleMs = 3000

/** What a pool knows of the load of its revision: here, and at the other gateways. */
export class Sizing {
  readonly demand: Demand
  lastUsedAt = performance.now()
  /** Since when callers wait for a first replica. */
  coldSince: number | undefined
  /** What the last look found here of what the function grows by. */
  asked = 0
  readonly #policy: Policy
  readonly #meter: LoadMeter
  #warmSince = -Infinity
  #usedElsewhereAt = -Infinity

  constructor(policy: Policy) {
    this.#policy = policy
    this.#meter = new LoadMeter(policy, this.lastUsedAt)
    this.demand = new Demand(policy, this.lastUsedAt)
  }

  touch(): void {
    this.lastUsedAt = performance.now()
  }

  /** A first replica is ready: the seconds that callers waited for it, if they did. */
  warm(): number | undefined {
    if (this.coldSince === undefined) return undefined
    this.#warmSince = performance.now()
    const seconds = (this.#warmSince - this.coldSince) / 1000
    this.coldSince = undefined
    return seconds
  }

  /** `busy`: requests in flight and waiting here. */
  sample(busy: number, elsewhere: RevisionLoad, now: number): Load {
    this.asked = this.demand.at(busy, now)
    this.#usedElsewhereAt = Math.max(this.#usedElsewhereAt, now - elsewhere.idleForMs)
    const lastUsedAt = Math.max(busy > 0 ? now : this.lastUsedAt, this.#usedElsewhereAt)
    // What a cold start has dammed up is no load yet: 500 callers of a cold function cause one start.
    const limit = this.isSettling(now) || elsewhere.settling ? this.#policy.target : Infinity
    return this.#meter.sample(Math.min(this.asked + elsewhere.demand, limit), lastUsedAt, now)
  }

  /** Callers wait for a first replica, or it has just come. */
  isSettling(now: number): boolean {
    return this.coldSince !== undefined || now < this.#warmSince + settleMs
  }
}
