import { z } from 'zod'
import { CanaryState } from './canary.ts'
import { messageOf, SkepError } from './errors.ts'
import { MirrorPlan } from './mirror.ts'
import type { Revision } from './ports.ts'
import type { Document, Store } from './store.ts'
import { RevisionRecord, type Share } from './revision.ts'

const Record = z
  .object({
    revisions: z.array(RevisionRecord),
    shares: z.array(z.object({ revision: z.int(), weight: z.number() })),
    canary: CanaryState.optional(),
    mirror: MirrorPlan.optional(),
    rejected: z.array(z.int()).optional(),
  })
  .refine(({ revisions, shares }) => {
    const used = shares.filter(({ weight }) => weight > 0)
    const isThere = ({ revision }: Share): boolean => revisions.some(({ number }) => number === revision)
    return revisions.length === 0 || (used.length > 0 && used.every(isThere))
  }, 'its traffic goes to revisions that it does not have')
const prefix = 'function/'

export interface StoredFunction {
  readonly key: string
  /** None: the function is being removed. */
  readonly revisions: readonly Revision[]
  readonly shares: readonly Share[]
  readonly canary?: CanaryState | undefined
  readonly mirror?: MirrorPlan | undefined
  readonly rejected?: readonly number[] | undefined
}

/** A record that is damaged, or of a newer Skep: nobody knows what is wanted. */
export interface Unreadable {
  readonly key: string
  readonly unreadable: SkepError
}

export interface Sharing {
  /** Throws while this gateway does not lead. */
  mayWrite(): void
  /** Resolves when the other gateways go by it, too. */
  written(key: string): Promise<void>
}

/** What the store keeps of functions. Specs stand in the replicas' labels as well; how traffic is split stands only here. */
export class Records {
  readonly #store: Store

  readonly #sharing: Sharing

  constructor(store: Store, sharing: Sharing = { mayWrite() {}, written: async () => {} }) {
    this.#store = store
    this.#sharing = sharing
  }

  /** The same records, in agreement with other gateways. */
  sharedBy(sharing: Sharing): Records {
    return new Records(this.#store, sharing)
  }

  /** `written` is called before the other gateways hear of it. */
  async save({ key, ...record }: StoredFunction, written = (): void => {}): Promise<void> {
    this.#sharing.mayWrite()
    await this.#store.put(prefix + key, JSON.stringify(record))
    written()
    await this.#sharing.written(key)
  }

  /** From now on the function is gone, even if its replicas still run when the gateway starts again. */
  async markRemoved(key: string): Promise<void> {
    await this.save({ key, revisions: [], shares: [] })
  }

  async forget(key: string): Promise<void> {
    this.#sharing.mayWrite()
    await this.#store.delete(prefix + key)
  }

  async get(key: string): Promise<StoredFunction | Unreadable | undefined> {
    const document = await this.#store.get(prefix + key)
    return document && parsed(document)
  }

  async list(): Promise<(StoredFunction | Unreadable)[]> {
    return (await this.#store.list(prefix)).map(parsed)
  }
}

/** All traffic to the newest: a new function, or one that only the provider remembers because the store was wiped. */
export function newestOf(key: string, revisions: readonly Revision[]): StoredFunction {
  const newest = Math.max(...revisions.map(({ number }) => number))
  return { key, revisions, shares: [{ revision: newest, weight: 100 }] }
}

export const isReadable = (record: StoredFunction | Unreadable): record is StoredFunction => !('unreadable' in record)

function parsed({ key: path, value }: Document): StoredFunction | Unreadable {
  const key = path.slice(prefix.length)
  try {
    const { revisions, ...record } = Record.parse(JSON.parse(value))
    const named = revisions.map((revision) => ({ ...revision, id: `${key}-${revision.number}`, function: key }))
    return { key, ...record, revisions: named }
  } catch (error) {
    return { key, unreadable: unreadable(key, error) }
  }
}

const unreadable = (key: string, cause: unknown): SkepError =>
  new SkepError('record_unreadable', `What the store keeps of ${key} cannot be read.`, {
    cause,
    hint: 'It is damaged, or a newer Skep wrote it. Deploy the function again, or start the newer Skep.',
    detail: cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause),
  })
