import type { CanaryState } from './canary.ts'
import { SkepError } from './errors.ts'
import type { Mirror } from './mirror.ts'
import type { Pool } from './pool.ts'
import type { Share } from './revision.ts'
import { type Caller, pointOf } from './sticky.ts'

interface Route {
  readonly pool: Pool
  readonly weight: number
}

/** Something a user deployed under a name: its revisions, and which of them gets a request. */
export class DeployedFunction {
  readonly key: string
  invocations = 0
  /** A new revision that gets the traffic step by step. */
  canary: CanaryState | undefined
  /** What was said last of a revision that is or was the canary. */
  canaryNote: { readonly revision: number; readonly text: string } | undefined
  /** Copies a part of the requests to a revision. */
  mirror: Mirror | undefined
  /** Revisions that were tried as a canary and did not get all the traffic: no rollback goes to them by itself. */
  rejected: readonly number[] = []
  readonly #pools = new Map<number, Pool>()
  #routes: readonly Route[] = []
  #main: Pool

  constructor(key: string, pool: Pool) {
    this.key = key
    this.#main = pool
    this.add(pool)
    this.route([{ revision: pool.revision.number, weight: 100 }])
  }

  /** The revision that gets most of the traffic: what a list shows of the function. */
  get pool(): Pool {
    return this.#main
  }

  /** Every revision that can get requests or can come back, the newest first. */
  get pools(): Pool[] {
    return [...this.#pools.values()].sort((a, b) => b.revision.number - a.revision.number)
  }

  get shares(): Share[] {
    return this.#routes.map(({ pool, weight }) => ({ revision: pool.revision.number, weight }))
  }

  /** Also the canary of this moment, if it is left now. */
  get triedAndLeft(): number[] {
    return [...this.rejected, ...(this.canary ? [this.canary.revision] : [])]
  }

  /** A rollback may go there by itself. */
  isGood({ revision }: Pool): boolean {
    return !this.triedAndLeft.includes(revision.number)
  }

  revision(number: number): Pool {
    const pool = this.#pools.get(number)
    if (pool) return pool
    const known = this.pools.map(({ revision }) => revision.number).join(', ')
    throw new SkepError('not_found', `${this.key} has no revision ${number}.`, { hint: `It has ${known}.` })
  }

  add(pool: Pool): void {
    this.#pools.set(pool.revision.number, pool)
  }

  drop(pool: Pool): void {
    this.#pools.delete(pool.revision.number)
  }

  /** From the next request on, traffic goes this way. Pools without a share let go of their replicas. */
  route(shares: readonly Share[]): void {
    this.#routes = shares
      .filter(({ weight }) => weight > 0)
      // The newest first: who got a canary keeps it when its share grows.
      .sort((a, b) => b.revision - a.revision)
      .map(({ revision, weight }) => ({ pool: this.revision(revision), weight }))
    this.#main = this.#routes.reduce((most, route) => (route.weight > most.weight ? route : most)).pool
    const active = new Set(this.#routes.map(({ pool }) => pool))
    for (const pool of this.#pools.values()) pool.setActive(active.has(pool))
  }

  /** The pool for this request: the revision that it asks for, else one by weight, for a sticky function the same each time. */
  pick(caller: Caller): Pool {
    if (caller.revision !== undefined) return this.revision(Number(caller.revision))
    const pinned = caller.pinned === undefined ? undefined : this.#pools.get(Number(caller.pinned))
    if (pinned) return pinned
    if (this.#routes.length === 1) return this.#main
    const { sticky } = this.#main.policy
    let point = (sticky && pointOf(sticky, caller)) ?? Math.random() * 100
    for (const { pool, weight } of this.#routes) {
      point -= weight
      if (point < 0) return pool
    }
    return this.#main
  }
}
