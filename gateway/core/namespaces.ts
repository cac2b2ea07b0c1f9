import { z } from 'zod'
import { SkepError } from './errors.ts'
import type { Functions } from './functions.ts'
import { defaultNamespace } from './names.ts'
import type { Provider } from './ports.ts'
import type { Store } from './store.ts'

const Notes = z.record(z.string(), z.string())
const Stored = z.object({ labels: Notes, annotations: Notes })

export interface Namespace extends z.infer<typeof Stored> {
  readonly name: string
}

export interface NamespacesParts {
  readonly store: Store
  readonly provider: Provider
  readonly functions: Functions
}

const keyOf = (name: string): string => `namespace/${name}`

/** Keep functions and secrets of one name apart. One that has functions is there even if the store has forgotten it. */
export class Namespaces {
  readonly #parts: NamespacesParts

  constructor(parts: NamespacesParts) {
    this.#parts = parts
  }

  /** The default one first. */
  async list(): Promise<string[]> {
    const stored = (await this.#parts.store.list(keyOf(''))).map(({ key }) => key.slice(keyOf('').length))
    const used = this.#parts.functions.list().map(({ pool }) => pool.revision.spec.namespace)
    return [...new Set([defaultNamespace, ...[...stored, ...used].toSorted()])]
  }

  /** Rejects with `not_found`. */
  async get(name: string): Promise<Namespace> {
    const document = await this.#parts.store.get(keyOf(name))
    if (document) return { name, ...Stored.parse(JSON.parse(document.value)) }
    if (await this.#has(name)) return { name, labels: {}, annotations: {} }
    throw new SkepError('not_found', `There is no namespace "${name}".`, { hint: '`skep namespaces` lists them.' })
  }

  /** Rejects with `invalid_request` what is to be put into a namespace that is not there. */
  async require(name: string): Promise<void> {
    if (name === defaultNamespace || (await this.#has(name))) return
    const hint = `Make it first: \`skep namespace create ${name}\`.`
    throw new SkepError('invalid_request', `There is no namespace "${name}".`, { hint })
  }

  async create(namespace: Namespace): Promise<void> {
    if (await this.#has(namespace.name)) throw exists(namespace.name)
    await this.#write(namespace, 0)
  }

  async update(namespace: Namespace): Promise<void> {
    await this.get(namespace.name)
    await this.#write(namespace)
  }

  /** Only an empty one, so that a slip of the hand takes nothing away. */
  async remove(name: string): Promise<void> {
    await this.get(name)
    if (name === defaultNamespace)
      throw new SkepError('conflict', `The namespace "${name}" is always there.`, {
        hint: 'Remove its functions and secrets instead.',
      })
    const contents = await this.#contents(name)
    if (contents.length > 0) {
      const hint = 'Remove them first.'
      throw new SkepError('conflict', `The namespace "${name}" has ${contents.join(', ')}.`, { hint })
    }
    await this.#parts.store.delete(keyOf(name))
  }

  async #has(name: string): Promise<boolean> {
    return (await this.list()).includes(name)
  }

  async #contents(name: string): Promise<string[]> {
    const { functions, provider } = this.#parts
    const specs = functions.list().map(({ pool }) => pool.revision.spec)
    const secrets = (await provider.secrets?.list()) ?? []
    return [
      ...specs.filter(({ namespace }) => namespace === name).map((spec) => `the function ${spec.name}`),
      ...secrets.filter(({ namespace }) => namespace === name).map((secret) => `the secret ${secret.name}`),
    ]
  }

  /** `version` 0: only if no other gateway has made it meanwhile. */
  async #write({ name, labels, annotations }: Namespace, version?: 0): Promise<void> {
    const text = JSON.stringify({ labels, annotations } satisfies z.infer<typeof Stored>)
    await this.#parts.store.put(keyOf(name), text, version)
  }
}

const exists = (name: string): SkepError =>
  new SkepError('conflict', `There is a namespace "${name}" already.`, {
    hint: '`skep namespace update` changes its labels.',
  })
