import { z } from 'zod'
import { CanaryState } from './canary.ts'
import type { Share } from './function.ts'
import type { Revision, Store } from './ports.ts'
import { RevisionRecord } from './revision.ts'

const Record = z.object({
  revisions: z.array(RevisionRecord),
  shares: z.array(z.object({ revision: z.int(), weight: z.number() })),
  canary: CanaryState.optional(),
})
const prefix = 'function/'

export interface StoredFunction {
  readonly key: string
  /** None: the function is being removed. */
  readonly revisions: readonly Revision[]
  readonly shares: readonly Share[]
  readonly canary?: CanaryState | undefined
}

/** What the store keeps of functions. Specs stand in the replicas' labels as well; how traffic is split stands only here. */
export class Records {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async save({ key, ...record }: StoredFunction): Promise<void> {
    await this.#store.put(prefix + key, JSON.stringify(record))
  }

  /** From now on the function is gone, even if its replicas still run when the gateway starts again. */
  async markRemoved(key: string): Promise<void> {
    await this.save({ key, revisions: [], shares: [] })
  }

  async forget(key: string): Promise<void> {
    await this.#store.delete(prefix + key)
  }

  async list(): Promise<StoredFunction[]> {
    const documents = await this.#store.list(prefix)
    return documents.map((document) => {
      const key = document.key.slice(prefix.length)
      const { revisions, shares, canary } = Record.parse(JSON.parse(document.value))
      return {
        key,
        shares,
        canary,
        revisions: revisions.map((revision) => ({ ...revision, id: `${key}-${revision.number}`, function: key })),
      }
    })
  }
}

/**
 * Everything that is deployed, as the store has it. Functions that only the provider remembers, because the store was
 * wiped, come back with their newest revision.
 */
export function deployed(stored: readonly StoredFunction[], known: readonly Revision[]): StoredFunction[] {
  const storedKeys = new Set(stored.map(({ key }) => key))
  const found = Map.groupBy(
    known.filter((revision) => !storedKeys.has(revision.function)),
    (revision) => revision.function,
  )
  const recovered = [...found].map(([key, revisions]) => {
    const newest = Math.max(...revisions.map(({ number }) => number))
    return { key, revisions, shares: [{ revision: newest, weight: 100 }] }
  })
  return [...stored.filter(({ revisions }) => revisions.length > 0), ...recovered]
}
