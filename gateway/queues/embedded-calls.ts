import type { DatabaseSync } from 'node:sqlite'
import type { CallChange, CallSelection, PushOptions, QueuedCall, Verdict } from '../core/queue.ts'
import { changeableCalls, prepareCalls } from './embedded-rows.ts'
import type { CallRow, CountRow, LeasedRow } from './embedded-rows.ts'
import { answerToBytes, requestToBytes } from './frame.ts'
import { callBytes, cancelledMs, idempotencyMs } from './keep.ts'
import { idTaken, queueFull } from './refusals.ts'
import { Turns } from './turns.ts'

const sweepEveryMs = 1000

/** The life of calls in SQLite. Everything is synchronous and belongs into a transaction. */
export class EmbeddedCalls {
  readonly turns = new Turns()
  readonly #database: DatabaseSync
  readonly #sql: ReturnType<typeof prepareCalls>
  readonly #maxBytes: number
  #bytes = 0
  #lastPlace = 0
  /** When the next delayed call is due; Infinity: there is none. */
  #nextDue = 0
  #nextSweep = 0

  constructor(database: DatabaseSync, maxBytes: number) {
    this.#database = database
    this.#sql = prepareCalls(database)
    this.#maxBytes = maxBytes
    this.recount()
  }

  /** Counts anew, at the start and after a transaction was undone. */
  recount(): void {
    this.turns.clear()
    this.#bytes = 0
    this.#nextDue = 0
    for (const row of this.#sql.count.all() as unknown as CountRow[]) {
      this.turns.move(row.function, undefined, row.state, row.calls)
      this.#bytes += row.bytes
      this.#lastPlace = Math.max(this.#lastPlace, row.place)
    }
  }

  push(call: QueuedCall, options: PushOptions): string {
    const { idempotencyKey, delayMs = 0, priority = 0, evenIfFull = false } = options
    const now = Date.now()
    const known = idempotencyKey && this.#sql.key.get(call.function, idempotencyKey, now)
    if (known) return String(known.id)
    if (this.#sql.byId.get(call.id)) throw idTaken(call.id)
    const request = requestToBytes(call)
    const bytes = callBytes + request.length
    if (!evenIfFull && this.#bytes + bytes > this.#maxBytes) throw queueFull(this.#maxBytes)
    const [state, at] = delayMs > 0 ? (['delayed', now + delayMs] as const) : (['waiting', null] as const)
    const row = [call.id, call.function, state, priority, ++this.#lastPlace, now, at ?? now, at, bytes]
    this.#sql.insertRequest.run(this.#sql.insert.run(...row).lastInsertRowid, request)
    if (idempotencyKey) this.#sql.insertKey.run(call.function, idempotencyKey, call.id, now + idempotencyMs)
    if (at !== null) this.#nextDue = Math.min(this.#nextDue, at)
    this.turns.move(call.function, undefined, state)
    this.#bytes += bytes
    return call.id
  }

  /** Starts the next run of the function whose turn it is. */
  lease(limits: ReadonlyMap<string, number>): LeasedRow | undefined {
    const name = this.turns.next(limits)
    if (name === undefined) return undefined
    this.turns.move(name, 'waiting', 'running')
    return this.#sql.lease.get(Date.now(), name) as LeasedRow | undefined
  }

  /** Returns whether the run was still the one that counts. */
  settle({ number, attempt }: CallRow, verdict: Verdict): boolean {
    const row = this.#sql.byNumber.get(number) as CallRow | undefined
    if (row?.state !== 'running' || row.attempt !== attempt) return false
    const now = Date.now()
    if (verdict.state === 'waiting') {
      const later = verdict.delayMs > 0
      const failures = row.failures + (verdict.failed ? 1 : 0)
      const state = later ? 'delayed' : 'waiting'
      this.#update(row, {
        state,
        failures,
        reason: verdict.reason,
        place: ++this.#lastPlace,
        at: later ? now + verdict.delayMs : null,
      })
      return true
    }
    if (verdict.state === 'done') this.#sql.removeRequest.run(number)
    if (verdict.answer) this.#sql.insertAnswer.run(number, answerToBytes(verdict.answer))
    const reason = verdict.state === 'dead' ? verdict.reason : null
    this.#update(row, { state: verdict.state, at: now, reason, keepUntil: now + verdict.keepMs })
    return true
  }

  /** The place in line that was given out last. */
  get lastPlace(): number {
    return this.#lastPlace
  }

  /** Changes at most `limit` of the selected calls, and none that came into the line after that place. */
  change(selection: CallSelection, change: CallChange, scope: { place: number; limit: number }): CallRow[] {
    const rows = changeableCalls(this.#database, selection, { action: change.action, ...scope })
    for (const row of rows) this.#change(row, change)
    return rows
  }

  /** What has become due waits from now on, and what is kept no longer goes. Called all the time, so it looks seldom. */
  tidy(): void {
    const now = Date.now()
    if (now >= this.#nextDue) {
      for (const { function: name } of this.#sql.due.all(now)) this.turns.move(String(name), 'delayed', 'waiting')
      this.#nextDue = (this.#sql.nextDue.get() as { at: number | null }).at ?? Infinity
    }
    if (now >= this.#nextSweep) {
      for (const row of this.#sql.unkept.all(now) as unknown as CallRow[]) this.#remove(row)
      this.#sql.removeKeys.run(now)
      this.#nextSweep = now + sweepEveryMs
    }
  }

  get nextDue(): number {
    return this.#nextDue
  }

  find(id: string): CallRow | undefined {
    return this.#sql.byId.get(id) as CallRow | undefined
  }

  requestBytes({ number }: CallRow): Uint8Array | undefined {
    return this.#sql.request.get(number)?.bytes as Uint8Array | undefined
  }

  answerBytes({ number }: CallRow): Uint8Array | undefined {
    return this.#sql.answer.get(number)?.bytes as Uint8Array | undefined
  }

  #change(row: CallRow, change: CallChange): void {
    const now = Date.now()
    switch (change.action) {
      case 'purge':
        return this.#remove(row)
      case 'cancel':
        return this.#update(row, { state: 'cancelled', at: now, keepUntil: now + cancelledMs })
      case 'retry': {
        this.#sql.removeAnswer.run(row.number)
        const name = change.function ?? row.function
        const place = ++this.#lastPlace
        return this.#update(row, {
          function: name,
          state: 'waiting',
          failures: 0,
          since: now,
          place,
          at: null,
          keepUntil: null,
        })
      }
    }
  }

  #update(before: CallRow, change: Partial<CallRow>): void {
    const row = { ...before, ...change }
    const { number, function: name, state, place, since, at, failures, reason, keepUntil } = row
    const updated = this.#sql.update.get({
      number,
      function: name,
      state,
      place,
      since,
      at,
      failures,
      reason,
      keepUntil,
    })
    this.#bytes += Number(updated?.size) - before.size
    if (state === 'delayed') this.#nextDue = Math.min(this.#nextDue, at ?? 0)
    this.turns.move(before.function, before.state, undefined)
    this.turns.move(name, undefined, state)
  }

  #remove({ number, function: name, state, size }: CallRow): void {
    this.#sql.remove.run(number)
    this.#sql.removeRequest.run(number)
    this.#sql.removeAnswer.run(number)
    this.turns.move(name, state, undefined)
    this.#bytes -= size
  }
}
