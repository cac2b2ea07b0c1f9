import type { PeerMessage } from './peer-messages.ts'

/** One that does not answer has lost the message or is lost itself: it will find the change in the store. */
const patienceMs = 1000

export interface AnnouncementsParts {
  tell(message: PeerMessage): void
  /** Names of those that are there. */
  others(): readonly string[]
}

interface Open {
  readonly missing: Set<string>
  readonly heard: () => void
}

/** Tells the others that a function's record is another one, and waits until all of them go by it. */
export class Announcements {
  readonly #parts: AnnouncementsParts
  readonly #open = new Map<string, Open>()

  constructor(parts: AnnouncementsParts) {
    this.#parts = parts
  }

  async changed(key: string): Promise<void> {
    const id = crypto.randomUUID()
    const missing = new Set(this.#parts.others())
    this.#parts.tell({ kind: 'changed', id, function: key })
    if (missing.size === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patienceMs)
      this.#open.set(id, { missing, heard: () => (clearTimeout(timer), resolve()) })
    })
    this.#open.delete(id)
  }

  applied(id: string, from: string): void {
    const open = this.#open.get(id)
    open?.missing.delete(from)
    if (open?.missing.size === 0) open.heard()
  }
}
