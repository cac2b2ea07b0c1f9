import { asSkepError } from './errors.ts'
import type { FleetParts } from './fleet-parts.ts'
import type { Replica, Revision } from './ports.ts'

/** Ends replicas that nobody needs any more, none before all gateways are done with it. */
export class Retirement {
  readonly #revision: Revision
  readonly #parts: FleetParts
  readonly #replicas = new Map<string, Replica>()

  constructor(revision: Revision, parts: FleetParts) {
    this.#revision = revision
    this.#parts = parts
  }

  has(id: string): boolean {
    return this.#replicas.has(id)
  }

  /** It has ended. */
  forget(id: string): void {
    this.#replicas.delete(id)
  }

  /** Their end is another gateway's to decide. */
  takeAll(): Replica[] {
    const all = [...this.#replicas.values()]
    this.#replicas.clear()
    return all
  }

  /** `others`: how many stay, where the place chooses which one ends. Resolves with whether it ends. */
  async end(replica: Replica, others: number, when: 'free' | 'at once' = 'free'): Promise<boolean> {
    const { provider, carrier, log, crew } = this.#parts
    this.#replicas.set(replica.id, replica)
    carrier.forget(replica.address)
    if (!crew.close(replica.id, () => {}) && when === 'free') await crew.freed(replica.id)
    if (!this.has(replica.id)) return true // it ended by itself, or another gateway leads by now
    try {
      if (provider.retire) await provider.retire(replica)
      else await provider.scale(this.#revision, others)
      return true
    } catch (error) {
      this.forget(replica.id)
      crew.open(replica.id)
      log.warn('replica could not be ended', { replica: replica.id, error: asSkepError(error).message })
      return false
    }
  }
}
