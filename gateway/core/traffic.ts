import { type CanaryState, sharesAt } from './canary.ts'
import { SkepError } from './errors.ts'
import type { DeployedFunction } from './function.ts'
import type { Functions } from './functions.ts'
import { Mirror, type MirrorPlan } from './mirror.ts'
import type { Pool } from './pool.ts'
import type { Revision } from './ports.ts'
import { refuseTakenPorts } from './publish.ts'
import type { Records } from './records.ts'
import type { Share } from './revision.ts'
import type { Turns } from './turns.ts'

export interface TrafficParts {
  readonly records: Records
  /** One change of a function at a time. */
  readonly turns: Turns
}

/** Moves a function's traffic between the revisions that it has. */
export class Traffic {
  readonly #functions: Functions
  readonly #parts: TrafficParts

  constructor(functions: Functions, parts: TrafficParts) {
    this.#functions = functions
    this.#parts = parts
  }

  /** Gives all traffic to that revision; else to the one before a canary under way, else to the newest good one below the current. */
  rollback(address: string, to?: number): Promise<Revision> {
    return this.#change(address, async (found) => {
      const current = found.pool.revision.number
      const isEarlier = (pool: Pool): boolean => pool.revision.number < current && found.isGood(pool)
      const earlier = found.canary ? found.revision(found.canary.stable) : found.pools.find(isEarlier)
      const target = to === undefined ? earlier : found.revision(to)
      if (!target) {
        throw new SkepError('not_found', `${found.key} has no revision before ${current}.`, {
          hint: 'Deploy an earlier image again.',
        })
      }
      await this.#share(found, [{ revision: target.revision.number, weight: 100 }])
      return target.revision
    })
  }

  /** Splits the traffic by weight. The weights must add up to 100. */
  async split(address: string, shares: readonly Share[]): Promise<void> {
    const sum = shares.reduce((total, { weight }) => total + weight, 0)
    if (sum !== 100)
      throw new SkepError('invalid_request', `The weights add up to ${sum}, not to 100.`, {
        hint: 'Name every revision that shall get traffic; the others get none.',
      })
    await this.#change(address, (found) => this.#share(found, shares))
  }

  /** Copies a part of the requests to one revision, or none any more. */
  async mirror(address: string, plan: MirrorPlan | undefined): Promise<void> {
    await this.#change(address, async (found) => {
      if (plan) found.revision(plan.revision)
      const { key, shares, canary, rejected } = found
      const revisions = found.pools.map(({ revision }) => revision)
      await this.#parts.records.save({ key, shares, canary, revisions, mirror: plan, rejected })
      found.mirror = plan && new Mirror(plan)
    })
  }

  /** Takes a canary from a step to the next, or gives all traffic to that revision. False: something else was decided meanwhile. */
  advance(found: DeployedFunction, from: CanaryState, to: CanaryState | number): Promise<boolean> {
    const shares = typeof to === 'number' ? [{ revision: to, weight: 100 }] : sharesAt(to)
    return this.#parts.turns.take(found.key, async () => {
      if (found.canary !== from || this.#functions.find(found.key) !== found) return false
      await this.#share(found, shares, typeof to === 'number' ? undefined : to)
      return true
    })
  }

  async #share(found: DeployedFunction, shares: readonly Share[], canary?: CanaryState): Promise<void> {
    const wanted = found.pool.available
    const targets = shares.filter(({ weight }) => weight > 0).map(({ revision }) => found.revision(revision))
    for (const { revision } of targets) refuseTakenPorts(revision.spec, this.#functions.serving)
    await Promise.all(targets.map((pool) => pool.start(pool === found.pool ? 0 : wanted)))
    const revisions = found.pools.map(({ revision }) => revision)
    const isShared = (number: number): boolean => shares.some(({ revision }) => revision === number)
    const rejected = canary ? found.rejected : found.triedAndLeft.filter((number) => !isShared(number))
    await this.#parts.records.save({ key: found.key, shares, canary, revisions, mirror: found.mirror?.plan, rejected })
    found.rejected = rejected
    found.route(shares)
    found.canary = canary
    found.canaryNote = undefined
  }

  #change<T>(address: string, change: (found: DeployedFunction) => Promise<T>): Promise<T> {
    return this.#parts.turns.take(this.#functions.get(address).key, () => change(this.#functions.get(address)))
  }
}
