import type { Provider, Replica } from './ports.ts'

/** The replicas of one revision that are paused: they keep their memory and wake in milliseconds. */
export class Sleeper {
  readonly #asleep = new Map<string, { replica: Replica; ready: Promise<void> }>()
  readonly #provider: Provider

  constructor(provider: Provider) {
    this.#provider = provider
  }

  get count(): number {
    return this.#asleep.size
  }

  get canSleep(): boolean {
    return this.#provider.pause !== undefined && this.#provider.resume !== undefined
  }

  has(id: string): boolean {
    return this.#asleep.has(id)
  }

  /** Takes in a replica that sleeps already. */
  take(replica: Replica): void {
    this.#asleep.set(replica.id, { replica, ready: Promise.resolve() })
  }

  /** Puts a replica to sleep; it may be woken before it sleeps. Rejects when the provider cannot. */
  async put(replica: Replica): Promise<void> {
    const ready = this.#provider.pause?.(replica) ?? Promise.resolve()
    this.#asleep.set(replica.id, { replica, ready })
    await ready
  }

  /** Wakes one; the replica answers when this resolves. Undefined when none sleeps. */
  async wake(): Promise<Replica | undefined> {
    const [next] = this.#asleep.values()
    if (next === undefined) return undefined
    this.#asleep.delete(next.replica.id)
    await next.ready
    await this.#provider.resume?.(next.replica)
    return { ...next.replica, paused: false }
  }

  /** They sleep here no longer. */
  takeAll(): Replica[] {
    const all = [...this.#asleep.values()].map(({ replica }) => replica)
    this.#asleep.clear()
    return all
  }

  drop(id: string): void {
    this.#asleep.delete(id)
  }
}
