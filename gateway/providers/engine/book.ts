import type { Replica, ReplicaEvent, Revision } from '../../core/ports.ts'

interface Entry {
  readonly replica: Replica
  readonly revision: Revision
}

/** Which replicas there are, as far as is known. Whoever listens hears of every change, once. */
export class Book<Placed extends Entry> {
  readonly #placed = new Map<string, Placed>()
  readonly #listeners = new Set<(event: ReplicaEvent) => void>()

  watch(listener: (event: ReplicaEvent) => void): () => void {
    const own = (event: ReplicaEvent): void => listener(event) // so that one who listens twice can leave once
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  get all(): Placed[] {
    return [...this.#placed.values()]
  }

  find(id: string): Placed | undefined {
    return this.#placed.get(id)
  }

  /** Of one that is known already only the news is written down: it is paused, or no longer. */
  up(placed: Placed): void {
    const isNew = !this.#placed.has(placed.replica.id)
    this.#placed.set(placed.replica.id, placed)
    if (isNew) this.#tell({ type: 'up', replica: placed.replica })
  }

  gone(id: string, reason: string): void {
    const placed = this.#placed.get(id)
    this.#placed.delete(id)
    if (placed) this.#tell({ type: 'gone', id, revision: placed.revision.id, reason })
  }

  #tell(event: ReplicaEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
