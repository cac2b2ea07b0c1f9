import { type CanaryPlan, sharesAt } from './canary.ts'
import { SkepError } from './errors.ts'
import { DeployedFunction } from './function.ts'
import type { Functions, FunctionsParts } from './functions.ts'
import { keptBy } from './kept.ts'
import type { Pool } from './pool.ts'
import type { Revision } from './ports.ts'
import type { Progress } from './progress.ts'
import { functionKey } from './names.ts'
import { PortClaims } from './publish.ts'
import { newestOf, type StoredFunction } from './records.ts'
import { isSame, newRevision } from './revision.ts'
import type { FunctionSpec } from './spec.ts'
import type { Turns } from './turns.ts'

export interface DeployOptions {
  /** Why, in the words of who deploys. */
  readonly message?: string | undefined
  /** Who deploys. */
  readonly by?: string | undefined
  /** Makes a new revision also of what serves already. */
  readonly force?: boolean | undefined
  readonly progress?: Progress
  /** Gives the new revision the traffic step by step. Without an earlier revision it gets all of it at once. */
  readonly canary?: CanaryPlan | undefined
}

export interface Deployed {
  readonly revision: Revision
  /** It served already: nothing was done. */
  readonly unchanged: boolean
}

export interface DeploysParts extends FunctionsParts {
  /** Revisions without traffic that stay ready to come back. */
  readonly keepRevisions: number
  /** One change of a function at a time. */
  readonly turns: Turns
}

/** Brings new revisions and takes functions out: the new stands beside the old, one step moves the traffic, the old one finishes what it has. */
export class Deploys {
  readonly #functions: Functions
  readonly #parts: DeploysParts
  /** The newest deploy of each function that is being deployed. */
  readonly #newest = new Map<string, symbol>()
  readonly #ports = new PortClaims()
  readonly #stopping = new AbortController()

  constructor(functions: Functions, parts: DeploysParts) {
    this.#functions = functions
    this.#parts = parts
  }

  /**
   * Makes a new revision and gives it the traffic once it is ready. Rejects, without any change to what serves, when it cannot
   * be prepared or does not start, and with `conflict` when a later deploy of the function came meanwhile: that one wins.
   * What serves already is left alone.
   */
  deploy(spec: FunctionSpec, options: DeployOptions = {}): Promise<Deployed> {
    const key = functionKey(spec)
    const self = Symbol(key)
    this.#newest.set(key, self)
    const isNewest = (): boolean => this.#newest.get(key) === self
    const work = (): Promise<Deployed> => this.#deploy(spec, options, isNewest)
    return this.#parts.turns
      .take(key, () => this.#ports.during(spec, this.#functions.serving, work))
      .finally(() => isNewest() && this.#newest.delete(key))
  }

  /** Takes the function out at once; its replicas end when their requests have. */
  async remove(address: string): Promise<void> {
    const { key } = this.#functions.get(address)
    await this.#parts.turns.take(key, async () => {
      const found = this.#functions.get(key)
      await this.#parts.records.markRemoved(key)
      this.#functions.uninstall(found)
      this.#functions.background(this.#end(found), found.pool.revision)
    })
  }

  close(): void {
    this.#stopping.abort()
  }

  async #deploy(spec: FunctionSpec, options: DeployOptions, isNewest: () => boolean): Promise<Deployed> {
    const { message, by, canary, force = false, progress = () => {} } = options
    const key = functionKey(spec)
    const found = this.#functions.find(key)
    const digest = await this.#parts.provider.digestOf?.(spec, progress)
    const same = force ? undefined : servingAlready(found, { spec, digest })
    if (same) return this.#leave(same, progress)
    const number = 1 + Math.max(0, ...(await this.#numbersOf(key)))
    const revision = newRevision(key, { number, spec, digest, message, by })
    const pool = await this.#readyPool(revision, found?.pool.available ?? 0, progress)
    if (!isNewest()) {
      await this.#functions.discard(pool, superseded(key))
      throw superseded(key)
    }
    if (found) await this.#flip(found, pool, canary)
    else await this.#begin(pool)
    progress(`${key} is ready as revision ${number}.`)
    return { revision, unchanged: false }
  }

  /** Somebody may have taken from the provider what the revision needs: who deploys again wants that to be mended. */
  async #leave(revision: Revision, progress: Progress): Promise<Deployed> {
    await this.#parts.provider.prepare(revision, progress)
    progress(`${revision.function} is unchanged: revision ${revision.number} goes on.`)
    return { revision, unchanged: true }
  }

  async #readyPool(revision: Revision, replicas: number, progress: Progress): Promise<Pool> {
    const pool = this.#functions.newPool(revision)
    try {
      await this.#parts.provider.prepare(revision, progress)
      progress(`Starting ${revision.id} …`)
      await pool.start(replicas)
      return pool
    } catch (error) {
      const why = new SkepError('start_failed', `${revision.id} was given up.`, { hint: 'The failed deploy says why.' })
      this.#functions.background(this.#functions.discard(pool, why), revision)
      throw error
    }
  }

  /** Nobody is served by anything else yet: it is here as soon as it may be at another gateway. */
  async #begin(pool: Pool): Promise<void> {
    const { function: key } = pool.revision
    const record = newestOf(key, [pool.revision])
    await this.#save(pool, record, () => this.#functions.install(new DeployedFunction(key, pool)))
  }

  /** The one step: remembered first, so that a gateway that dies here comes back with the one or with the other. */
  async #flip(found: DeployedFunction, pool: Pool, plan: CanaryPlan | undefined): Promise<void> {
    const { number } = pool.revision
    const canary = plan && { revision: number, stable: found.pool.revision.number, plan, step: 0 }
    const shares = canary ? sharesAt(canary) : [{ revision: number, weight: 100 }]
    const others = found.pools
    const kept = keptBy(found, shares, this.#parts.keepRevisions)
    const rejected = found.triedAndLeft.filter((tried) => kept.some(({ revision }) => revision.number === tried))
    const revisions = [pool, ...kept].map(({ revision }) => revision)
    await this.#save(pool, { key: found.key, shares, canary, mirror: found.mirror?.plan, rejected, revisions })
    found.add(pool)
    found.route(shares)
    found.canary = canary
    found.rejected = rejected
    found.canaryNote = undefined
    for (const old of others.filter((other) => !kept.includes(other))) {
      found.drop(old)
      this.#functions.background(this.#giveUp(old), old.revision)
    }
  }

  async #save(pool: Pool, record: StoredFunction, written?: () => void): Promise<void> {
    try {
      await this.#parts.records.save(record, written)
    } catch (error) {
      await this.#functions.discard(pool)
      throw error
    }
  }

  async #end({ key, pools }: DeployedFunction): Promise<void> {
    await Promise.all(pools.map((pool) => this.#giveUp(pool)))
    await this.#parts.turns.take(key, async () => {
      const redeployed = this.#functions.find(key) !== undefined
      if (!redeployed && !this.#stopping.signal.aborted) await this.#parts.records.forget(key)
    })
  }

  async #giveUp(pool: Pool): Promise<void> {
    await pool.drained(AbortSignal.any([AbortSignal.timeout(pool.policy.drainTimeoutMs), this.#stopping.signal]))
    if (this.#stopping.signal.aborted) return
    const { inFlight: requests, revision } = pool
    const cut = { revision: revision.id, requests }
    if (requests > 0) this.#parts.log.warn('requests are cut: scale.drain-timeout is over', cut)
    await this.#functions.discard(pool)
  }

  /** Also of revisions that the store no longer knows: a number is never used twice for two things that may both run. */
  async #numbersOf(key: string): Promise<number[]> {
    const known = await this.#parts.provider.revisions()
    const ours = this.#functions.find(key)?.pools.map(({ revision }) => revision) ?? []
    return [...known, ...ours].filter((revision) => revision.function === key).map(({ number }) => number)
  }
}

/** The revision that has all the traffic, if it is what is asked for. */
function servingAlready(
  found: DeployedFunction | undefined,
  wanted: Pick<Revision, 'spec' | 'digest'>,
): Revision | undefined {
  return found?.shares.length === 1 && isSame(found.pool.revision, wanted) ? found.pool.revision : undefined
}

const superseded = (key: string): SkepError =>
  new SkepError('conflict', `A later deploy of ${key} came in before this one was ready; that one goes on.`, {
    hint: 'Look at the function before you deploy again.',
  })
