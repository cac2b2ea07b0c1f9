import { asSkepError } from './errors.ts'
import type { FleetParts } from './fleet-parts.ts'
import type { Replica } from './ports.ts'

/** The replicas of one revision that are paused: they keep their memory and wake in milliseconds. No gateway sends to them. */
export class Sleeper {
  readonly #asleep = new Map<string, { replica: Replica; ready: Promise<void> }>()
  readonly #parts: FleetParts

  constructor(parts: FleetParts) {
    this.#parts = parts
  }

  get count(): number {
    return this.#asleep.size
  }

  has(id: string): boolean {
    return this.#asleep.has(id)
  }

  /** Takes in a replica that sleeps already. */
  take(replica: Replica): void {
    this.#asleep.set(replica.id, { replica, ready: Promise.resolve() })
    this.#parts.crew.close(replica.id, () => {})
  }

  /** Puts a replica to sleep, or hands it to `otherwise` where that cannot be done. It may be woken before it sleeps. */
  async put(replica: Replica, otherwise: () => Promise<void>): Promise<void> {
    const { provider } = this.#parts
    if (!provider.pause || !provider.resume) return otherwise()
    const ready = provider.pause(replica)
    this.#asleep.set(replica.id, { replica, ready })
    try {
      await ready
    } catch (error) {
      this.drop(replica.id)
      this.#failed('paused', replica, error)
      await otherwise()
    }
  }

  /** Wakes one; the replica answers when this resolves. Undefined when none could be woken. */
  async wake(): Promise<Replica | undefined> {
    const [next] = this.#asleep.values()
    if (next === undefined) return undefined
    const { replica, ready } = next
    this.drop(replica.id)
    try {
      await ready
      await this.#parts.provider.resume?.(replica)
      this.#parts.crew.open(replica.id)
      return { ...replica, paused: false }
    } catch (error) {
      this.#failed('woken', replica, error)
      return undefined
    }
  }

  /** They sleep here no longer. */
  takeAll(): Replica[] {
    const all = [...this.#asleep.values()].map(({ replica }) => ({ ...replica, paused: true }))
    this.#asleep.clear()
    return all
  }

  drop(id: string): void {
    this.#asleep.delete(id)
  }

  #failed(what: string, { id, revision }: Replica, error: unknown): void {
    this.#parts.log.warn(`replica could not be ${what}`, { revision, replica: id, error: asSkepError(error).message })
  }
}
