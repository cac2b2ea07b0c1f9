interface Door {
  readonly ticket: number
  readonly freed: Set<() => void>
}

/** Whoever leads closes a replica for new requests, and ends it when nobody has one in flight there any more. */
export class Doors {
  readonly #doors = new Map<string, Door>()
  readonly #isFree: (ticket: number) => boolean
  readonly #changed: () => void
  /** Never given out twice, not even by two gateways that led one after the other. */
  #lastTicket = Date.now()

  /** `isFree`: whether all others have nothing in flight behind this door. `changed`: they should hear of it. */
  constructor(isFree: (ticket: number) => boolean, changed: () => void) {
    this.#isFree = isFree
    this.#changed = changed
  }

  get shut(): Record<string, number> {
    return Object.fromEntries([...this.#doors].map(([id, { ticket }]) => [id, ticket]))
  }

  /** No new requests for this replica. Says whether it is free already, else calls `freed` when it is. */
  close(id: string, freed: () => void): boolean {
    const door = this.#doors.get(id) ?? { ticket: ++this.#lastTicket, freed: new Set() }
    if (!this.#doors.has(id)) {
      this.#doors.set(id, door)
      this.#changed()
    }
    if (this.#isFree(door.ticket)) return true
    door.freed.add(freed)
    return false
  }

  open(id: string): void {
    if (this.#doors.delete(id)) this.#changed()
  }

  /** The replica is no more, so nobody has anything in flight there. */
  gone(id: string): void {
    const freed = this.#doors.get(id)?.freed ?? []
    this.open(id)
    for (const tell of freed) tell()
  }

  /** Looks which have become free. */
  check(): void {
    for (const { ticket, freed } of this.#doors.values()) {
      if (freed.size === 0 || !this.#isFree(ticket)) continue
      const all = [...freed]
      freed.clear()
      for (const tell of all) tell()
    }
  }

  /** This gateway leads no more: what it began is the next one's. */
  forget(): void {
    this.#doors.clear()
  }
}
