import { applyRecord, takeOut } from './apply-record.ts'
import { asSkepError } from './errors.ts'
import type { DeployedFunction } from './function.ts'
import type { Functions } from './functions.ts'
import type { Log, Provider, Replica, Revision } from './ports.ts'
import { isReadable, newestOf, type Records, type StoredFunction, type Unreadable } from './records.ts'
import type { Turns } from './turns.ts'

export interface SyncParts {
  readonly provider: Provider
  readonly records: Records
  readonly log: Log
  readonly turns: Turns
}

/** What store and provider answered; undefined: they are away. */
export interface Stock {
  readonly stored: readonly Found[] | undefined
  readonly known: readonly Revision[] | undefined
  readonly replicas: readonly Replica[] | undefined
}

/** Brings what this gateway serves in line with the store and the provider's labels, which may both be away. */
export class Sync {
  readonly #functions: Functions
  readonly #parts: SyncParts

  constructor(functions: Functions, parts: SyncParts) {
    this.#functions = functions
    this.#parts = parts
  }

  /** Every function: at the start, when others were not heard for a while, and before this gateway leads. */
  async all(): Promise<Stock> {
    const { provider, records } = this.#parts
    const [listed, known, replicas] = await Promise.all([
      this.#asked('store', records.list()),
      this.#asked('provider', provider.revisions()),
      this.#asked('provider', provider.replicas()),
    ])
    let stored = listed
    const keys = [...(listed ?? []), ...this.#functions.list()].map(({ key }) => key)
    for (const key of new Set([...keys, ...(known ?? []).map((revision) => revision.function)])) {
      await this.#inTurn(key, async () => {
        const answer = stored && (await this.#asked('store', records.get(key).then(asAnswer)))
        if (!answer) stored = undefined // it went away in the middle
        this.#settle(key, answer?.record, { stored, known })
      })
    }
    this.#functions.adopt(replicas ?? [])
    return { stored, known, replicas }
  }

  /** A function whose record another gateway has changed. Resolves with whether it could be read. */
  async one(key: string): Promise<boolean> {
    const turn = this.#inTurn(key, async () => {
      const record = await this.#parts.records.get(key)
      if (record && !isReadable(record)) return this.#complain(record)
      if (record) applyRecord(this.#functions, record)
      else takeOut(this.#functions, key)
      return true
    })
    return (await this.#asked('store', turn)) ?? false
  }

  /** Whether the store says something else than what is served: a message was lost, or the store has lost its data. */
  async isStale(): Promise<boolean> {
    const stored = await this.#asked('store', this.#parts.records.list())
    const ours = this.#functions.list()
    const isOther = (found: DeployedFunction): boolean => {
      const record = stored?.find(({ key }) => key === found.key)
      return !record || (isReadable(record) && essence(record) !== essence(recordOf(found)))
    }
    const isNew = (record: Found): boolean =>
      isReadable(record) && record.revisions.length > 0 && !ours.some((found) => found.key === record.key)
    return stored !== undefined && (ours.some(isOther) || stored.some(isNew))
  }

  /** Writes down what the store has lost. */
  async remind(stored: NonNullable<Stock['stored']>): Promise<void> {
    const has = new Set(stored.map(({ key }) => key))
    const lost = this.#functions.list().filter(({ key }) => !has.has(key))
    const { records } = this.#parts
    const remind = async (found: DeployedFunction): Promise<void> => {
      // In its turn it may have been written, changed or removed since.
      if (this.#functions.find(found.key) === found && !(await records.get(found.key)))
        await records.save(recordOf(found))
    }
    await Promise.all(
      lost.map((found) =>
        this.#asked(
          'store',
          this.#inTurn(found.key, () => remind(found)),
        ),
      ),
    )
  }

  #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    return this.#parts.turns.take(key, work)
  }

  #settle(key: string, record: Found | undefined, { stored, known }: Omit<Stock, 'replicas'>): void {
    if (record && isReadable(record)) return applyRecord(this.#functions, record)
    if (record) this.#complain(record)
    const revisions = known?.filter((revision) => revision.function === key)
    if (revisions?.length === 0 && stored && !record) return takeOut(this.#functions, key)
    // A record that was listed and is gone: the function was removed meanwhile, and its labels were read before.
    const wasRemoved = !record && (stored?.some((listed) => listed.key === key) ?? false)
    if (revisions?.length && !wasRemoved && !this.#functions.find(key))
      applyRecord(this.#functions, newestOf(key, revisions))
  }

  #complain({ key, unreadable: { code, message, hint, detail } }: Unreadable): false {
    this.#parts.log.error('record unreadable', { function: key, code, error: message, hint, detail })
    return false
  }

  #asked<T>(who: 'store' | 'provider', question: Promise<T>): Promise<T | undefined> {
    return question.catch((error: unknown) => this.#away(who, error))
  }

  #away(who: 'store' | 'provider', error: unknown): undefined {
    this.#parts.log.warn(`${who} does not answer; what is known is served`, { error: asSkepError(error).message })
  }
}

type Found = StoredFunction | Unreadable

/** No record is an answer, too. */
const asAnswer = (record: Found | undefined) => ({ record })

function recordOf({ key, pools, shares, canary, mirror, rejected }: DeployedFunction): StoredFunction {
  return { key, revisions: pools.map(({ revision }) => revision), shares, canary, mirror: mirror?.plan, rejected }
}

/** What decides where a request goes. */
function essence({ revisions, shares, canary, mirror, rejected = [] }: StoredFunction): string {
  const known = revisions.map(({ number, createdAt }) => `${number} ${createdAt}`).toSorted()
  return JSON.stringify([known, shares.filter(({ weight }) => weight > 0), canary, mirror, rejected])
}
