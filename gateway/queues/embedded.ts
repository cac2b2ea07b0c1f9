import type { DatabaseSync } from 'node:sqlite'
import type { CallChange, CallLease, CallRecord, CallSelection, CallSummary, Verdict } from '../core/queue.ts'
import type { PushOptions, Queue, QueuedCall, TakeRequest } from '../core/queue.ts'
import { EmbeddedCalls } from './embedded-calls.ts'
import { listCalls } from './embedded-rows.ts'
import type { CallRow, LeasedRow } from './embedded-rows.ts'
import { openCalls } from './embedded-schema.ts'
import { EmbeddedTakers } from './embedded-takers.ts'
import { Endings, isEnd } from './endings.ts'
import { answerFromBytes, requestFromBytes } from './frame.ts'
import { GroupCommit } from './group-commit.ts'
import { defaultMaxBytes } from './keep.ts'

/** Calls in one SQLite file, for one gateway; on the disk when `push` resolves. `maxBytes`: default 256 MiB. */
export async function embeddedQueue(file: string, { maxBytes = defaultMaxBytes } = {}): Promise<Queue> {
  const database = openCalls(file)
  const calls = new EmbeddedCalls(database, maxBytes)
  const takers = new EmbeddedTakers(calls, () => void commit.run(() => undefined))
  const hooks = { lastly: () => takers.serve(), undone: () => calls.recount() }
  const commit = await GroupCommit.open(database, file, hooks)
  return new EmbeddedQueue(database, calls, takers, commit)
}

/** How many calls a change moves in one transaction: more would hold up everything else. */
const changeStep = 500

class EmbeddedQueue implements Queue {
  readonly #database: DatabaseSync
  readonly #calls: EmbeddedCalls
  readonly #takers: EmbeddedTakers
  readonly #commit: GroupCommit
  readonly #endings = new Endings()
  /** Tells a run that it is not wanted any more; by the call's id. */
  readonly #lost = new Map<string, AbortController>()

  constructor(database: DatabaseSync, calls: EmbeddedCalls, takers: EmbeddedTakers, commit: GroupCommit) {
    this.#database = database
    this.#calls = calls
    this.#takers = takers
    this.#commit = commit
  }

  push(call: QueuedCall, options: PushOptions = {}): Promise<string> {
    return this.#commit.runDurably(() => this.#calls.push(call, options))
  }

  async take(request: TakeRequest): Promise<CallLease[]> {
    const rows = await this.#takers.take(request)
    return rows.map((row) => this.#lease(row))
  }

  show(id: string, waitMs = 0): Promise<CallRecord | undefined> {
    return this.#endings.show(id, waitMs, () => this.#commit.run(() => this.#read(id)))
  }

  list(selection: CallSelection, limit: number): Promise<CallSummary[]> {
    return this.#commit.run(() => listCalls(this.#database, selection, limit).map(summary))
  }

  async change(selection: CallSelection, change: CallChange): Promise<number> {
    const scope = { place: this.#calls.lastPlace, limit: changeStep }
    let changed = 0
    for (;;) {
      const rows = await this.#commit.runDurably(() => this.#calls.change(selection, change, scope))
      changed += rows.length
      for (const { id } of rows) {
        if (change.action === 'cancel') this.#letGo(id)?.abort()
        this.#endings.tell(id)
      }
      if (rows.length < changeStep) return changed
    }
  }

  async depth() {
    return this.#commit.run(() => this.#calls.turns.counts())
  }

  warnings(): Promise<string[]> {
    return Promise.resolve([])
  }

  async close(): Promise<void> {
    this.#takers.close()
    await this.#commit.close()
    this.#database.close()
  }

  #lease(row: LeasedRow): CallLease {
    const lost = new AbortController()
    this.#lost.set(row.id, lost)
    return {
      call: { id: row.id, function: row.function, ...requestFromBytes(row.request) },
      attempt: row.attempt,
      failures: row.failures,
      ageMs: Date.now() - row.since,
      lost: lost.signal,
      settle: (verdict) => this.#settle(row, verdict),
    }
  }

  async #settle(row: CallRow, verdict: Verdict): Promise<void> {
    const counted = await this.#commit.run(() => this.#calls.settle(row, verdict))
    if (!counted) return
    this.#letGo(row.id)
    if (isEnd(verdict.state)) this.#endings.tell(row.id)
  }

  #letGo(id: string): AbortController | undefined {
    const lost = this.#lost.get(id)
    this.#lost.delete(id)
    return lost
  }

  #read(id: string): CallRecord | undefined {
    const row = this.#calls.find(id)
    if (!row) return undefined
    const request = this.#calls.requestBytes(row)
    const answer = this.#calls.answerBytes(row)
    return {
      ...summary(row),
      request: request && { id, function: row.function, ...requestFromBytes(request) },
      answer: answer && answerFromBytes(answer),
    }
  }
}

function summary({ id, function: name, state, accepted, attempt, failures, at, reason }: CallRow): CallSummary {
  return {
    id,
    function: name,
    state,
    acceptedAt: accepted,
    attempt,
    failures,
    at: at ?? undefined,
    reason: reason ?? undefined,
  }
}
