import { SkepError, asSkepError } from './errors.ts'
import type { DeployedFunction } from './function.ts'
import { policyOf } from './policy.ts'
import { Pool, type PoolParts } from './pool.ts'
import type { Observer, Replica, ReplicaEvent, Revision } from './ports.ts'
import type { Records } from './records.ts'
import { functionKey } from './names.ts'
import type { FunctionSpec } from './spec.ts'

export interface FunctionsParts extends Omit<PoolParts, 'coldStart'> {
  readonly records: Records
  readonly observer: Observer
  /** For functions that say nothing else. */
  readonly maxBodyBytes: number
  readonly drainTimeoutMs?: number
}

/** All functions and the pools of their revisions: finds them, brings them back after a start, keeps them at the right size. */
export class Functions {
  /** Under every name that a request may use: `hello` and `hello.openfaas-fn`. */
  readonly #byAddress = new Map<string, DeployedFunction>()
  /** By revision, also those that get no traffic yet or any more. */
  readonly #pools = new Map<string, Pool>()
  readonly #parts: FunctionsParts
  /** Run, and are of a revision that is not known here, or not yet. */
  readonly #strays = new Map<string, Replica>()
  readonly #closing = new AbortController()
  readonly #background = new Set<Promise<void>>()
  #stopWatching: (() => void) | undefined

  constructor(parts: FunctionsParts) {
    this.#parts = parts
  }

  get pools(): Pool[] {
    return [...this.#pools.values()]
  }

  find(address: string): DeployedFunction | undefined {
    return this.#byAddress.get(address)
  }

  get(address: string): DeployedFunction {
    const found = this.find(address)
    if (!found) throw functionNotFound(address)
    return found
  }

  list(): DeployedFunction[] {
    return [...new Set(this.#byAddress.values())].sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** The specs of all that gets traffic. */
  get serving(): FunctionSpec[] {
    return this.list().flatMap((found) => found.shares.map(({ revision }) => found.revision(revision).revision.spec))
  }

  /** From now on what starts and ends in the provider is heard. */
  watch(): void {
    this.#stopWatching = this.#parts.provider.watch((event) => this.notice(event))
  }

  pool(revision: string): Pool | undefined {
    return this.#pools.get(revision)
  }

  newPool(revision: Revision): Pool {
    const coldStart = (seconds: number): void => this.#parts.observer.coldStart(revision.function, seconds)
    const policy = policyOf(revision.spec, this.#parts)
    const pool = new Pool(revision, policy, { ...this.#parts, coldStart })
    this.#pools.set(revision.id, pool)
    for (const replica of this.#strays.values()) if (replica.revision === revision.id) pool.adopt(replica)
    return pool
  }

  /** Gives the pool up and, if this gateway leads, everything of it that runs; else the one that leads does that. */
  async discard(pool: Pool, why = this.#whyGone(pool.revision)): Promise<void> {
    pool.close(why)
    if (this.#pools.get(pool.revision.id) === pool) this.#pools.delete(pool.revision.id)
    if (this.#parts.crew.role === 'leads') await this.#parts.provider.remove(pool.revision)
  }

  /** Another gateway has given it up: it finishes what it has here. */
  dismiss(pool: Pool): void {
    const { signal } = this.#closing
    const done = async (): Promise<void> => {
      await pool.drained(signal)
      if (!signal.aborted) await this.discard(pool)
    }
    this.background(done(), pool.revision)
  }

  /** Takes in what runs. */
  adopt(replicas: readonly Replica[]): void {
    for (const replica of replicas) this.notice({ type: 'up', replica })
  }

  notice(event: ReplicaEvent): void {
    const [id, revision] = event.type === 'up' ? [event.replica.id, event.replica.revision] : [event.id, event.revision]
    const pool = this.#pools.get(revision)
    if (event.type === 'up' && !pool) this.#strays.set(id, event.replica)
    else this.#strays.delete(id)
    pool?.notice(event)
    if (event.type === 'gone') this.#parts.crew.gone(id)
  }

  /** For who leads: what belongs to nobody is ended, what the provider has forgotten is prepared again. Of `unsure` functions nobody knows. */
  tidy(known: readonly Revision[], unsure: ReadonlySet<string>): void {
    const { provider } = this.#parts
    const orphans = known.filter((revision) => !this.#pools.has(revision.id) && !unsure.has(revision.function))
    for (const revision of orphans) this.background(this.#reap(revision), revision)
    const ids = new Set(known.map(({ id }) => id))
    for (const { key, pool } of this.list()) {
      if (!ids.has(pool.revision.id) && !unsure.has(key))
        this.background(
          provider.prepare(pool.revision, () => {}),
          pool.revision,
        )
    }
  }

  install(found: DeployedFunction): void {
    for (const address of addressesOf(found.pool.revision.spec)) this.#byAddress.set(address, found)
  }

  uninstall(found: DeployedFunction): void {
    for (const address of addressesOf(found.pool.revision.spec)) this.#byAddress.delete(address)
  }

  /** Work that nobody waits for: a failure is told to the log, and the next start cleans up. */
  background(work: Promise<void>, revision: Revision): void {
    const told = work.catch((error: unknown) => {
      this.#parts.log.warn('cleaning up failed', { revision: revision.id, error: asSkepError(error).message })
    })
    const done = told.finally(() => this.#background.delete(done))
    this.#background.add(done)
  }

  /** Resolves when nothing is cleaned up any more, at the latest after that time. */
  async settled(limitMs: number): Promise<void> {
    const limit = new Promise((resolve) => setTimeout(resolve, limitMs).unref())
    await Promise.race([Promise.all(this.#background), limit])
  }

  /** Twice a second: every pool looks at its load. */
  tick(now: number): void {
    for (const pool of this.#pools.values()) pool.tick(now)
  }

  /** Lets go of everything without ending a replica. */
  close(): void {
    this.#closing.abort()
    this.#stopWatching?.()
    const error = new SkepError('stopping', 'The gateway is stopping.', {
      hint: 'Send it again: another one, or the next, answers.',
      retryAfterSeconds: 5,
    })
    for (const pool of this.#pools.values()) pool.close(error)
  }

  /** For callers who wait for it still: the function itself may be there. */
  #whyGone({ id, function: key }: Revision): SkepError {
    if (!this.find(key)) return functionNotFound(key)
    return new SkepError('queue_full', `All replicas of ${id} were busy until it was given up.`, {
      hint: 'Try again: another revision has its place.',
      retryAfterSeconds: 1,
    })
  }

  /** Others may still have requests in flight there. */
  async #reap(revision: Revision): Promise<void> {
    const { crew, provider } = this.#parts
    const replicas = [...this.#strays.values()].filter((replica) => replica.revision === revision.id)
    await Promise.all(replicas.map(({ id }) => crew.freed(id)))
    await provider.remove(revision)
  }
}

export function functionNotFound(address: string): SkepError {
  const hint = 'GET /system/functions, or `skep list`, shows what is deployed.'
  return new SkepError('function_not_found', `There is no function "${address}".`, { hint })
}

function addressesOf(spec: FunctionSpec): string[] {
  return [...new Set([functionKey(spec), `${spec.name}.${spec.namespace}`])]
}
