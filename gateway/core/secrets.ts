import { SkepError } from './errors.ts'
import type { DeployedFunction } from './function.ts'
import type { Functions } from './functions.ts'
import { defaultNamespace } from './names.ts'
import type { Namespaces } from './namespaces.ts'
import type { Provider, Secret, SecretKeeper } from './ports.ts'
import { reads } from './renewals.ts'
import type { FunctionSpec } from './spec.ts'

/** What a Swarm can keep; the same everywhere, so that a function can move. */
const mostBytes = 500 * 1024 - 1

export interface SecretsParts {
  readonly provider: Provider
  readonly functions: Functions
  readonly namespaces: Namespaces
  /** Gives functions that use it fresh replicas, while the caller goes on already. */
  readonly renewReaders: (secret: Secret) => Promise<void>
}

/** What may be done with secrets, whatever place keeps them. Values go in and never come out. */
export class Secrets {
  readonly #parts: SecretsParts
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: SecretsParts) {
    this.#parts = parts
  }

  async list(namespace: string): Promise<Secret[]> {
    const all = await this.#keeper.list()
    return all.filter((secret) => secret.namespace === namespace).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  create(secret: Secret, value: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      await this.#parts.namespaces.require(secret.namespace)
      if (await this.#has(secret)) throw exists(secret)
      await this.#put(secret, value)
      // It has none yet, but who leads may remember one of that name that was removed. Whoever begins to lead does not.
      await this.#parts.renewReaders(secret).catch(() => undefined)
    })
  }

  /** Functions that use it get fresh replicas, while the call is answered already. */
  update(secret: Secret, value: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      if (!(await this.#has(secret))) throw notFound(secret)
      await this.#put(secret, value)
      await this.#parts.renewReaders(secret)
    })
  }

  remove(secret: Secret): Promise<void> {
    return this.#inTurn(async () => {
      if (!(await this.#has(secret))) throw notFound(secret)
      const users = this.#parts.functions.list().filter((found) => mayRead(found, secret))
      if (users.length > 0) throw inUse(secret, users)
      await this.#keeper.remove(secret)
    })
  }

  get #keeper(): SecretKeeper {
    const { name, secrets } = this.#parts.provider
    if (secrets) return secrets
    throw new SkepError('not_supported', `The ${name} provider keeps no secrets.`, {
      hint: 'Use the process, docker or swarm provider.',
    })
  }

  async #has({ name, namespace }: Secret): Promise<boolean> {
    return (await this.list(namespace)).some((secret) => secret.name === name)
  }

  async #put(secret: Secret, value: Uint8Array): Promise<void> {
    if (value.length < 1 || value.length > mostBytes) {
      const hint = 'It must have at least one byte, and less than 500 KiB.'
      throw new SkepError('invalid_request', `The value of ${called(secret)} has ${value.length} bytes.`, { hint })
    }
    await this.#keeper.put(secret, value)
  }

  /** One change at a time: of two who make a secret, the second learns of the first. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(change, change)
    this.#last = turn
    return turn
  }
}

/** A revision without traffic does not count: it could keep a secret alive that nobody sees in use. */
const mayRead = (found: DeployedFunction, secret: Secret): boolean =>
  found.shares.some(({ revision }) => reads(found.revision(revision), secret))

/** Throws where a function is to get a secret that is not there. */
export function requireSecrets(
  { name, namespace, secrets }: FunctionSpec,
  known: readonly Secret[],
  code: 'invalid_request' | 'start_failed' = 'invalid_request',
): void {
  const here = new Set(known.filter((secret) => secret.namespace === namespace).map((secret) => secret.name))
  const missing = secrets.find((secret) => !here.has(secret))
  if (missing === undefined) return
  const command = `skep secret create ${missing}${namespace === defaultNamespace ? '' : ` -n ${namespace}`}`
  const message = `There is no ${called({ name: missing, namespace })} for ${name}.`
  throw new SkepError(code, message, { hint: `Make it first: \`${command}\`.` })
}

const called = ({ name, namespace }: Secret): string =>
  `secret "${name}"${namespace === defaultNamespace ? '' : ` in the namespace ${namespace}`}`

const exists = (secret: Secret): SkepError =>
  new SkepError('conflict', `There is a ${called(secret)} already.`, {
    hint: `Give it another value with \`skep secret update ${secret.name}\`.`,
  })

const notFound = (secret: Secret): SkepError =>
  new SkepError('not_found', `There is no ${called(secret)}.`, { hint: '`skep secret list` shows those that exist.' })

const inUse = (secret: Secret, users: readonly DeployedFunction[]): SkepError =>
  new SkepError('conflict', `The ${called(secret)} is in use by ${users.map(({ key }) => key).join(', ')}.`, {
    hint: 'Remove what uses it, or deploy that without it.',
  })
