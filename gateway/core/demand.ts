import type { Policy } from './policy.ts'
import { inFlightTarget } from './scale-policy.ts'

type DemandPolicy = Pick<Policy, 'type' | 'target' | 'concurrency'>

/** How much there is at this moment of what a function grows by. */
export class Demand {
  /** Leases given so far. */
  served = 0
  /** Of all replicas together, for what is not seen at their pool; undefined where it cannot be known. */
  signal: number | undefined
  readonly #policy: DemandPolicy
  #servedBefore = 0
  #before: number

  constructor(policy: DemandPolicy, now: number) {
    this.#policy = policy
    this.#before = now
  }

  /** `busy`: requests in flight and waiting. Never less than what makes room for them. */
  at(busy: number, now: number): number {
    const { target, concurrency } = this.#policy
    return Math.max(this.#amount(busy, now), (busy / concurrency) * target)
  }

  #amount(busy: number, now: number): number {
    const { type, target } = this.#policy
    if (type === 'capacity') return busy
    if (type === 'rps') return this.#rate(now)
    // Where it cannot be known the function grows as one that says nothing.
    return this.signal ?? (busy / inFlightTarget) * target
  }

  #rate(now: number): number {
    const seconds = (now - this.#before) / 1000
    const rate = seconds > 0 ? (this.served - this.#servedBefore) / seconds : 0
    this.#before = now
    this.#servedBefore = this.served
    return rate
  }
}
