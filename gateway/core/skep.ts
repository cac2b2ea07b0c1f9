import { Call } from './call.ts'
import type { SkepError } from './errors.ts'
import { functionNotFound, Functions, type FunctionsParts, type DeployedFunction } from './functions.ts'
import type { FunctionLoad, Invocation, LogLine, LogQuery, Progress, Revision } from './ports.ts'
import type { Lease } from './replicas.ts'
import type { FunctionSpec } from './spec.ts'

/** What the rest of the house may ask for: dialects, triggers and the page call this and nothing below it. */
export class Skep {
  readonly #functions: Functions
  readonly #parts: FunctionsParts

  constructor(parts: FunctionsParts) {
    this.#parts = parts
    this.#functions = new Functions(parts)
  }

  get provider(): string {
    return this.#parts.provider.name
  }

  start(): Promise<void> {
    return this.#functions.restore()
  }

  close(): void {
    this.#functions.close()
  }

  /** Brings the request to the function and its answer into the invocation's sink, errors too. */
  invoke(invocation: Invocation): void {
    const found = this.#functions.find(invocation.function)
    if (!found) return invocation.answer.fail(functionNotFound(invocation.function))
    found.invocations++
    this.#parts.observer.started(found.key)
    new Call(invocation, found, this.#parts.carrier, this.#parts.observer).begin()
  }

  /** A lease for someone who speaks to the replica himself, such as a WebSocket. Rejects with the code that a call would get. */
  lease(address: string, signal: AbortSignal): Promise<Lease> {
    const found = this.#functions.find(address)
    if (!found) return Promise.reject(functionNotFound(address))
    const { pool } = found
    found.invocations++
    const lease = pool.tryLease()
    if (lease) return Promise.resolve(lease)
    return new Promise((resolve, reject) => {
      const waiter = { served: resolve, refused: (error: SkepError): void => reject(error) }
      signal.addEventListener('abort', () => (pool.leave(waiter), reject(signal.reason)), { once: true })
      pool.wait(waiter)
    })
  }

  find(address: string): DeployedFunction | undefined {
    return this.#functions.find(address)
  }

  list(): DeployedFunction[] {
    return this.#functions.list()
  }

  loads(): FunctionLoad[] {
    return this.list().map(({ key, pool: { desired, available, inFlight, waiting } }) => {
      return { key, desired, available, inFlight, waiting }
    })
  }

  deploy(spec: FunctionSpec, progress?: Progress): Promise<Revision> {
    return this.#functions.deploy(spec, progress)
  }

  remove(address: string): Promise<void> {
    return this.#functions.remove(address)
  }

  /** Brings the function to that many replicas, at most its `scale.max`, until it is idle. */
  scale(address: string, replicas: number): void {
    const found = this.#functions.find(address)
    if (!found) throw functionNotFound(address)
    found.pool.hold(Math.min(replicas, found.pool.policy.maxReplicas))
  }

  logs(query: LogQuery): AsyncIterable<LogLine> {
    const found = this.#functions.find(query.function)
    if (!found) throw functionNotFound(query.function)
    return this.#parts.provider.logs({ ...query, function: found.key })
  }
}
