/** Wrong tries that a client has before it is slowed down. */
const freeTries = 10
const longestMs = 60_000
/** Addresses that are remembered; the oldest go first. */
const remembered = 10_000

interface Tries {
  wrong: number
  blockedUntil: number
}

/** Slows a client down that guesses: after ten wrong tries it waits 1 s, then twice as long each time, up to a minute. */
export class Throttle {
  readonly #clients = new Map<string, Tries>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Seconds that this client has to wait; 0 when it may try. */
  waitSeconds(client: string): number {
    const tries = this.#clients.get(client)
    return tries ? Math.max(0, Math.ceil((tries.blockedUntil - this.#now()) / 1000)) : 0
  }

  wrong(client: string): void {
    const tries = this.#clients.get(client) ?? { wrong: 0, blockedUntil: 0 }
    tries.wrong++
    const over = tries.wrong - freeTries
    if (over >= 0) tries.blockedUntil = this.#now() + Math.min(1000 * 2 ** over, longestMs)
    this.#clients.delete(client)
    this.#clients.set(client, tries)
    const oldest = this.#clients.keys().next().value
    if (this.#clients.size > remembered && oldest !== undefined) this.#clients.delete(oldest)
  }

  right(client: string): void {
    this.#clients.delete(client)
  }
}
