import type { PeerMessage } from './peer-messages.ts'
import type { Log } from './ports.ts'

/** One that is there and does not go by a change for so long has a trouble of its own. */
const patienceMs = 10_000

export interface AnnouncementsCrew {
  tell(message: PeerMessage): void
  /** Names of those that are there and say when they go by a change. */
  confirming(): readonly string[]
}

interface Open {
  readonly function: string
  readonly since: number
  readonly missing: Set<string>
  readonly heard: () => void
}

/** Tells the others that a function's record is another one, and waits until all of them that say so go by it. */
export class Announcements {
  readonly #crew: AnnouncementsCrew
  readonly #log: Log
  readonly #open = new Map<string, Open>()

  constructor(crew: AnnouncementsCrew, log: Log) {
    this.#crew = crew
    this.#log = log
  }

  async changed(key: string): Promise<void> {
    const id = crypto.randomUUID()
    const missing = new Set(this.#crew.confirming())
    this.#crew.tell({ kind: 'changed', id, function: key })
    if (missing.size === 0) return
    await new Promise<void>((heard) => this.#open.set(id, { function: key, since: performance.now(), missing, heard }))
    this.#open.delete(id)
  }

  applied(id: string, from: string): void {
    const open = this.#open.get(id)
    open?.missing.delete(from)
    if (open?.missing.size === 0) open.heard()
  }

  /** Twice a second: does not wait for those that are gone, and tells the rest again, who may have lost the message or could not read. */
  check(now: number): void {
    if (this.#open.size === 0) return
    const there = this.#crew.confirming()
    for (const [id, { function: key, since, missing, heard }] of this.#open) {
      for (const name of missing) if (!there.includes(name)) missing.delete(name)
      if (missing.size > 0 && now - since < patienceMs) {
        this.#crew.tell({ kind: 'changed', id, function: key })
        continue
      }
      const late = { function: key, gateways: [...missing] }
      if (missing.size > 0) this.#log.warn('gateways do not go by a change yet', late)
      heard()
    }
  }
}
