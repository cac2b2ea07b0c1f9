import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { SkepError } from './errors.ts'
import type { Store } from './store.ts'

/** `read` may only look: it changes nothing. */
export const Access = z.enum(['full', 'read'])
export type Access = z.infer<typeof Access>

const Kept = z.object({
  /** SHA-256 of the token, in hex. The token has 256 random bits, so that nothing slower is needed. */
  hash: z.string(),
  access: Access,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().optional(),
})

/** What is told of a token: everything but the token. */
export interface Token {
  readonly name: string
  readonly access: Access
  readonly createdAt: string
  readonly expiresAt?: string | undefined
}

export interface TokenWish {
  readonly name: string
  readonly access: Access
  /** Without it the token holds until it is revoked. */
  readonly lifetimeMs?: number | undefined
}

const prefix = 'token/'

/** Credentials for programs, each with a name under which it can be taken back. They are read from the store at each use. */
export class Tokens {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Resolves with the token itself, which is not kept. Rejects with `conflict` where the name is taken. */
  async create({ name, access, lifetimeMs }: TokenWish): Promise<string> {
    const token = `skep_${randomBytes(32).toString('base64url')}`
    const now = Date.now()
    const expiresAt = lifetimeMs === undefined ? undefined : new Date(now + lifetimeMs).toISOString()
    const kept = { hash: digest(token).toString('hex'), access, createdAt: new Date(now).toISOString(), expiresAt }
    if (await this.#store.get(prefix + name)) throw taken(name)
    await this.#store.put(prefix + name, JSON.stringify(kept), 0)
    return token
  }

  async list(): Promise<Token[]> {
    return (await this.#all()).map(told)
  }

  async revoke(name: string): Promise<void> {
    if (!(await this.#store.get(prefix + name))) {
      throw new SkepError('not_found', `There is no token "${name}".`, { hint: '`skep token list` shows them.' })
    }
    await this.#store.delete(prefix + name)
  }

  /** Undefined when it is none, or was revoked, or is too old. */
  async find(token: string): Promise<Token | undefined> {
    const given = digest(token)
    const now = Date.now()
    // All of them, whichever it is: how long it takes says nothing.
    const matching = (await this.#all()).filter(({ hash }) => timingSafeEqual(given, Buffer.from(hash, 'hex')))
    return matching.filter(({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > now).map(told)[0]
  }

  async #all() {
    const documents = await this.#store.list(prefix)
    return documents.map(({ key, value }) => ({ name: key.slice(prefix.length), ...Kept.parse(JSON.parse(value)) }))
  }
}

const told = ({ name, access, createdAt, expiresAt }: Token): Token => ({ name, access, createdAt, expiresAt })

const digest = (token: string): Buffer => createHash('sha256').update(token).digest()

const taken = (name: string): SkepError =>
  new SkepError('conflict', `There is a token "${name}" already.`, {
    hint: `Revoke it first: skep token revoke ${name}`,
  })
