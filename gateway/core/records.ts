import { z } from 'zod'
import type { Revision, Store } from './ports.ts'
import { FunctionSpec } from './spec.ts'

const Record = z.object({ number: z.int(), createdAt: z.string(), spec: FunctionSpec })
const prefix = 'function/'

export interface StoredFunction {
  readonly key: string
  /** Undefined: the function is being removed. */
  readonly revision: Revision | undefined
}

/** What the store keeps of functions. The spec stands in the replicas' labels as well; which revision is current only here. */
export class Records {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async save({ function: key, number, createdAt, spec }: Revision): Promise<void> {
    await this.#store.put(prefix + key, JSON.stringify({ number, createdAt, spec }))
  }

  /** From now on the function is gone, even if its replicas still run when the gateway starts again. */
  async markRemoved(key: string): Promise<void> {
    await this.#store.put(prefix + key, JSON.stringify({ removed: true }))
  }

  async forget(key: string): Promise<void> {
    await this.#store.delete(prefix + key)
  }

  async list(): Promise<StoredFunction[]> {
    const documents = await this.#store.list(prefix)
    return documents.map((document) => {
      const key = document.key.slice(prefix.length)
      const record = Record.safeParse(JSON.parse(document.value)).data
      return { key, revision: record && { id: `${key}-${record.number}`, function: key, ...record } }
    })
  }
}

/** The store says which revision is current; where it knows nothing, it is the newest that the provider remembers. */
export function currentRevisions(stored: readonly StoredFunction[], known: readonly Revision[]): Revision[] {
  const current = new Map<string, Revision>()
  for (const revision of known) {
    if (revision.number > (current.get(revision.function)?.number ?? 0)) current.set(revision.function, revision)
  }
  for (const { key, revision } of stored) {
    if (revision) current.set(key, revision)
    else current.delete(key)
  }
  return [...current.values()]
}
