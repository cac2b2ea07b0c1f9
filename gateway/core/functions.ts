import type { CanaryState } from './canary.ts'
import { SkepError, asSkepError } from './errors.ts'
import { DeployedFunction } from './function.ts'
import { policyOf } from './policy.ts'
import { Pool, type PoolParts } from './pool.ts'
import type { Observer, ReplicaEvent, Revision } from './ports.ts'
import { deployed, type Records, type StoredFunction } from './records.ts'
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

  /** Finds every function again, in the store and in the provider's labels, and takes in what runs. */
  async restore(): Promise<void> {
    const { provider, records, log } = this.#parts
    this.#stopWatching = provider.watch((event) => this.#notice(event))
    const stored = await records.list()
    const known = await provider.revisions().catch((error: unknown) => {
      log.warn('provider does not answer; functions are taken from the store', { error: asSkepError(error).message })
      return undefined
    })
    for (const entry of deployed(stored, known ?? [])) this.#install(entry)
    if (known) await this.#reconcile(known)
    log.info('functions restored', { functions: this.list().length })
  }

  newPool(revision: Revision): Pool {
    const coldStart = (seconds: number): void => this.#parts.observer.coldStart(revision.function, seconds)
    const policy = policyOf(revision.spec, this.#parts)
    const pool = new Pool(revision, policy, { ...this.#parts, coldStart })
    this.#pools.set(revision.id, pool)
    return pool
  }

  /** Gives the pool up and everything of it that runs. */
  async discard(pool: Pool, why: SkepError): Promise<void> {
    pool.close(why)
    this.#pools.delete(pool.revision.id)
    await this.#parts.provider.remove(pool.revision)
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
    this.#stopWatching?.()
    const error = new SkepError('stopping', 'The gateway is stopping.', { retryAfterSeconds: 5 })
    for (const pool of this.#pools.values()) pool.close(error)
  }

  #install({ key, revisions, shares, canary }: StoredFunction): void {
    const [first, ...others] = revisions.map((revision) => this.newPool(revision))
    if (!first) return
    const found = new DeployedFunction(key, first)
    for (const pool of others) found.add(pool)
    found.route(shares)
    if (canary && isComplete(canary, revisions)) found.canary = canary
    this.install(found)
  }

  /** What runs is taken in, what belongs to nobody is ended, what the provider has forgotten is prepared again. */
  async #reconcile(known: readonly Revision[]): Promise<void> {
    const { provider } = this.#parts
    for (const replica of await provider.replicas()) this.#pools.get(replica.revision)?.adopt(replica)
    for (const revision of known) {
      if (!this.#pools.has(revision.id)) this.background(provider.remove(revision), revision)
    }
    const ids = new Set(known.map(({ id }) => id))
    for (const { pool } of this.list()) {
      if (!ids.has(pool.revision.id))
        this.background(
          provider.prepare(pool.revision, () => {}),
          pool.revision,
        )
    }
  }

  #notice(event: ReplicaEvent): void {
    this.#pools.get(event.type === 'up' ? event.replica.revision : event.revision)?.notice(event)
  }
}

const isComplete = ({ revision, stable }: CanaryState, revisions: readonly Revision[]): boolean =>
  [revision, stable].every((number) => revisions.some((known) => known.number === number))

export function functionNotFound(address: string): SkepError {
  const hint = 'GET /system/functions, or `skep list`, shows what is deployed.'
  return new SkepError('function_not_found', `There is no function "${address}".`, { hint })
}

function addressesOf(spec: FunctionSpec): string[] {
  return [...new Set([functionKey(spec), `${spec.name}.${spec.namespace}`])]
}
