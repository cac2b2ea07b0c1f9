import { SkepError, asSkepError } from './errors.ts'
import { policyOf } from './policy.ts'
import { Pool, type PoolParts } from './pool.ts'
import type { Observer, Progress, ReplicaEvent, Revision } from './ports.ts'
import { currentRevisions, type Records } from './records.ts'
import { type FunctionSpec, functionKey } from './spec.ts'

/** Something a user deployed under a name, with the revision that gets its requests now. */
export interface DeployedFunction {
  readonly key: string
  pool: Pool
  invocations: number
}

export interface FunctionsParts extends Omit<PoolParts, 'coldStart'> {
  readonly records: Records
  readonly observer: Observer
  readonly maxBodyBytes: number
}

const tickMs = 500
/** How long the requests of an old revision may take to end. */
const drainTimeoutMs = 600_000

/** All functions: which exist, which revision is current; deploys and removes them without a failed request. */
export class Functions {
  /** Under every name that a request may use: `hello` and `hello.openfaas-fn`. */
  readonly #byAddress = new Map<string, DeployedFunction>()
  readonly #pools = new Map<string, Pool>()
  /** The last change of each function: the next one waits for it. */
  readonly #changes = new Map<string, Promise<unknown>>()
  readonly #parts: FunctionsParts
  readonly #stopping = new AbortController()
  #stopWatching: (() => void) | undefined
  #ticker: NodeJS.Timeout | undefined

  constructor(parts: FunctionsParts) {
    this.#parts = parts
  }

  find(address: string): DeployedFunction | undefined {
    return this.#byAddress.get(address)
  }

  list(): DeployedFunction[] {
    return [...new Set(this.#byAddress.values())].sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** Finds every function again, in the store and in the provider's labels, and takes in what runs. */
  async restore(): Promise<void> {
    const { provider, log } = this.#parts
    this.#stopWatching = provider.watch((event) => this.#notice(event))
    const stored = await this.#parts.records.list()
    const known = await provider.revisions().catch((error: unknown) => {
      log.warn('provider does not answer; its functions are taken from the store', {
        error: asSkepError(error).message,
      })
      return undefined
    })
    for (const revision of currentRevisions(stored, known ?? [])) this.#install(revision)
    const running = known ? await provider.replicas() : []
    for (const replica of running) this.#pools.get(replica.revision)?.adopt(replica)
    for (const revision of known ?? []) {
      if (!this.#pools.has(revision.id)) this.#background(provider.remove(revision), revision)
    }
    for (const { pool } of this.list()) {
      const forgotten = known && !known.some(({ id }) => id === pool.revision.id)
      if (forgotten)
        this.#background(
          provider.prepare(pool.revision, () => {}),
          pool.revision,
        )
    }
    this.#ticker = setInterval(() => this.#tick(), tickMs)
    log.info('functions restored', { functions: this.list().length, replicas: running.length })
  }

  /**
   * Makes a new revision and gives it the traffic once it is ready; the old one finishes what it has.
   * Rejects without any change to what serves now when the revision cannot be prepared or does not start.
   */
  deploy(spec: FunctionSpec, progress: Progress = () => {}): Promise<Revision> {
    return this.#inTurn(functionKey(spec), async () => {
      const key = functionKey(spec)
      const current = this.find(key)?.pool
      const number = 1 + Math.max(0, current?.revision.number ?? 0, ...(await this.#numbersOf(key)))
      const revision: Revision = {
        id: `${key}-${number}`,
        function: key,
        number,
        spec,
        createdAt: new Date().toISOString(),
      }
      const pool = await this.#ready(revision, current?.available ?? 0, progress)
      await this.#parts.records.save(revision).catch(async (error: unknown) => {
        await this.#discard(pool)
        throw error
      })
      this.#flip(key, pool)
      if (current) this.#background(this.#retire(current), current.revision)
      progress(`${key} is ready as revision ${number}.`)
      return revision
    })
  }

  /** Takes the function out at once; its replicas end when their requests have. */
  remove(address: string): Promise<void> {
    const found = this.find(address)
    if (!found) throw functionNotFound(address)
    return this.#inTurn(found.key, async () => {
      if (this.find(found.key) !== found) throw functionNotFound(address)
      for (const name of addressesOf(found.pool.revision.spec)) this.#byAddress.delete(name)
      await this.#parts.records.markRemoved(found.key)
      const gone = this.#retire(found.pool).then(() => this.#parts.records.forget(found.key))
      this.#background(gone, found.pool.revision)
    })
  }

  /** Lets go of everything without ending a replica. */
  close(): void {
    this.#stopping.abort()
    this.#stopWatching?.()
    clearInterval(this.#ticker)
    const error = new SkepError('stopping', 'The gateway is stopping.', { retryAfterSeconds: 5 })
    for (const pool of this.#pools.values()) pool.close(error)
  }

  async #ready(revision: Revision, replicas: number, progress: Progress): Promise<Pool> {
    const { provider } = this.#parts
    const pool = this.#newPool(revision)
    try {
      await provider.prepare(revision, progress)
      progress(`Starting ${revision.id} …`)
      const { minReplicas, maxReplicas } = pool.policy
      await pool.start(Math.min(Math.max(minReplicas, replicas, 1), maxReplicas))
      return pool
    } catch (error) {
      await this.#discard(pool)
      throw error
    }
  }

  async #discard(pool: Pool): Promise<void> {
    pool.close(new SkepError('start_failed', `${pool.revision.id} was given up.`))
    this.#pools.delete(pool.revision.id)
    await this.#parts.provider.remove(pool.revision).catch((error: unknown) => {
      this.#parts.log.warn('leftovers of a failed deploy', {
        revision: pool.revision.id,
        error: asSkepError(error).message,
      })
    })
  }

  async #retire(pool: Pool): Promise<void> {
    await pool.drained(AbortSignal.any([AbortSignal.timeout(drainTimeoutMs), this.#stopping.signal]))
    if (this.#stopping.signal.aborted) return
    pool.close(functionNotFound(pool.revision.function))
    this.#pools.delete(pool.revision.id)
    await this.#parts.provider.remove(pool.revision)
  }

  #newPool(revision: Revision): Pool {
    const coldStart = (seconds: number): void => this.#parts.observer.coldStart(revision.function, seconds)
    const pool = new Pool(revision, policyOf(revision.spec, this.#parts.maxBodyBytes), { ...this.#parts, coldStart })
    this.#pools.set(revision.id, pool)
    return pool
  }

  #install(revision: Revision): void {
    this.#flip(revision.function, this.#newPool(revision))
  }

  #flip(key: string, pool: Pool): void {
    const found = this.find(key)
    if (found) found.pool = pool
    const entry = found ?? { key, pool, invocations: 0 }
    for (const name of addressesOf(pool.revision.spec)) this.#byAddress.set(name, entry)
  }

  #notice(event: ReplicaEvent): void {
    this.#pools.get(event.type === 'up' ? event.replica.revision : event.revision)?.notice(event)
  }

  #tick(): void {
    const now = performance.now()
    for (const pool of this.#pools.values()) pool.tick(now)
  }

  /** One change of a function at a time. */
  #inTurn<T>(key: string, change: () => Promise<T>): Promise<T> {
    const turn = (this.#changes.get(key) ?? Promise.resolve()).then(change, change)
    this.#changes.set(key, turn)
    const forget = (): void => void (this.#changes.get(key) === turn && this.#changes.delete(key))
    turn.then(forget, forget)
    return turn
  }

  #background(work: Promise<unknown>, revision: Revision): void {
    work.catch((error: unknown) => {
      this.#parts.log.warn('cleaning up failed', { revision: revision.id, error: asSkepError(error).message })
    })
  }

  async #numbersOf(key: string): Promise<number[]> {
    const known = await this.#parts.provider.revisions()
    return known.filter((revision) => revision.function === key).map(({ number }) => number)
  }
}

export function functionNotFound(address: string): SkepError {
  const hint = 'GET /system/functions, or `skep list`, shows what is deployed.'
  return new SkepError('function_not_found', `There is no function "${address}".`, { hint })
}

function addressesOf(spec: FunctionSpec): string[] {
  return [...new Set([functionKey(spec), `${spec.name}.${spec.namespace}`])]
}
