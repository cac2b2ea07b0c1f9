import { asSkepError } from './errors.ts'
import type { Functions } from './functions.ts'
import type { Pool } from './pool.ts'
import type { Log, Provider, Secret } from './ports.ts'

/** Gives functions fresh replicas when something has changed that is read at the start. */
export class Renewals {
  readonly #functions: Functions
  readonly #provider: Provider
  readonly #log: Log
  readonly #last = new WeakMap<Pool, Promise<void>>()

  constructor(functions: Functions, { provider, log }: { provider: Provider; log: Log }) {
    this.#functions = functions
    this.#provider = provider
    this.#log = log
  }

  readersOf(secret: Secret): void {
    this.#provider.secrets?.forget?.(secret)
    for (const pool of this.#functions.pools) if (reads(pool, secret)) this.#renew(pool)
  }

  /** If it fails, the replicas go on with what they have. */
  #renew(pool: Pool): void {
    const tell = (error: unknown): void => {
      const fields = { revision: pool.revision.id, error: asSkepError(error).message }
      this.#log.warn('replicas keep the value that a secret had', fields)
    }
    const before = this.#last.get(pool) ?? Promise.resolve()
    this.#last.set(pool, before.then(() => pool.renew()).catch(tell))
  }
}

export function reads({ revision: { spec } }: Pool, { name, namespace }: Secret): boolean {
  return spec.namespace === namespace && spec.secrets.includes(name)
}
