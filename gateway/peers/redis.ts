import type { Peers, PeersListener, Role } from '../core/peers.ts'
import { connect } from '../redis/connection.ts'
import { RedisLead } from './redis-lead.ts'

const beatMs = 500
/** A role holds so long after the last word from Redis. Shorter than the lead itself: who has lost it knows before another has it. */
const roleMs = 1500

/** Gateways that share a Redis, and hear of each other by its messages. */
export function redisPeers(url: string): Peers {
  return new RedisPeers(url)
}

class RedisPeers implements Peers {
  readonly silenceMs = 2500
  readonly self = crypto.randomUUID().slice(0, 8)
  readonly #commands
  readonly #messages
  readonly #lead: RedisLead
  #listener: PeersListener | undefined
  #role: Role | undefined
  #beating: Promise<void> | undefined
  #next: NodeJS.Timeout | undefined
  #expiry: NodeJS.Timeout | undefined

  constructor(url: string) {
    this.#commands = connect(url, { unavailable: 'store_unavailable' })
    this.#messages = connect(url, { unavailable: 'store_unavailable' })
    this.#lead = new RedisLead(this.#commands, this.self)
  }

  async join(listener: PeersListener): Promise<void> {
    this.#listener = listener
    this.#messages.listen((_channel, message) => this.#hear(message))
    await this.#beat()
  }

  tell(message: string): void {
    // Whoever hears nothing asks again, or finds it in the store.
    void this.#commands
      .use((redis) => redis.publish(channelOf(redis), `${this.self} ${message}`))
      .catch(() => undefined)
  }

  async leave(): Promise<void> {
    this.#listener = undefined
    clearTimeout(this.#next)
    clearTimeout(this.#expiry)
    await this.#beating
    if (this.#role === 'leads') {
      await this.#lead.giveUp().catch(() => undefined) // it ends by itself
      this.tell(vacant)
      await this.#commands.use((redis) => redis.ping()).catch(() => undefined) // the message is out before the connection ends
    }
    this.#commands.close()
    this.#messages.close()
  }

  #hear(text: string): void {
    const from = text.slice(0, text.indexOf(' '))
    if (from === this.self) return
    const message = text.slice(from.length + 1)
    if (message !== vacant) return this.#listener?.heard(message, from)
    this.#lead.vacant()
    void this.#beat()
  }

  /** Asks for the lead, or keeps it. */
  #beat(): Promise<void> {
    return (this.#beating ??= this.#ask().finally(() => {
      this.#beating = undefined
      clearTimeout(this.#next)
      if (this.#listener) this.#next = setTimeout(() => void this.#beat(), beatMs)
    }))
  }

  async #ask(): Promise<void> {
    const askedAt = performance.now()
    try {
      await this.#messages.use((redis) => redis.subscribe(channelOf(redis)))
      const leads = await this.#lead.take()
      this.#is(leads ? 'leads' : 'follows', askedAt)
    } catch {
      // It may be back in a moment; until then the last answer holds.
      if (this.#role === undefined) this.#is('alone', askedAt)
    }
  }

  #is(role: Role, since: number): void {
    clearTimeout(this.#expiry)
    if (!this.#listener) return
    const leftMs = since + roleMs - performance.now()
    const known = leftMs > 0 ? role : 'alone'
    if (known !== 'alone') this.#expiry = setTimeout(() => this.#is('alone', performance.now()), leftMs)
    if (known === this.#role) return
    this.#role = known
    this.#listener.role(known)
  }
}

/** Databases of one Redis are apart, but its messages are not. */
const channelOf = ({ options }: { options: { db?: number | undefined } }): string => `{skep}:peers:${options.db ?? 0}`
const vacant = 'vacant'
