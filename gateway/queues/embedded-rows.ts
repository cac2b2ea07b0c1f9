import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { CallChange, CallSelection, CallState } from '../core/queue.ts'
import { callBytes, changeable } from './keep.ts'

/** A call without its request and answer. */
export interface CallRow {
  readonly number: number
  readonly id: string
  readonly function: string
  readonly state: CallState
  readonly place: number
  readonly accepted: number
  readonly since: number
  readonly at: number | null
  readonly attempt: number
  readonly failures: number
  readonly reason: string | null
  readonly keepUntil: number | null
  readonly size: number
}

export interface LeasedRow extends CallRow {
  readonly request: Uint8Array
}

export interface CountRow {
  readonly function: string
  readonly state: CallState
  readonly calls: number
  readonly bytes: number
  readonly place: number
}

const columns =
  'number, id, function, state, place, accepted, since, at, attempt, failures, reason, keep_until AS keepUntil, size'

const size = `${callBytes}
  + coalesce((SELECT length(bytes) FROM requests WHERE number = calls.number), 0)
  + coalesce((SELECT length(bytes) FROM answers WHERE number = calls.number), 0)`

const nextOf = `SELECT number FROM calls WHERE function = ? AND state = 'waiting' ORDER BY priority DESC, place LIMIT 1`

/** Every statement on calls, prepared once. */
export function prepareCalls(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text)
  return {
    count: sql(`SELECT function, state, count(*) AS calls, sum(size) AS bytes, max(place) AS place
                FROM calls GROUP BY function, state`),
    byId: sql(`SELECT ${columns} FROM calls WHERE id = ?`),
    byNumber: sql(`SELECT ${columns} FROM calls WHERE number = ?`),
    insert: sql(`INSERT INTO calls (id, function, state, priority, place, accepted, since, at, size)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    update: sql(`UPDATE calls SET function = :function, state = :state, place = :place, since = :since, at = :at,
                 failures = :failures, reason = :reason, keep_until = :keepUntil, size = ${size}
                 WHERE number = :number RETURNING size`),
    remove: sql('DELETE FROM calls WHERE number = ?'),
    lease: sql(`UPDATE calls SET state = 'running', at = ?, attempt = attempt + 1
                WHERE number = (${nextOf})
                RETURNING ${columns}, (SELECT bytes FROM requests WHERE number = calls.number) AS request`),
    due: sql(`UPDATE calls SET state = 'waiting', at = NULL WHERE state = 'delayed' AND at <= ? RETURNING function`),
    nextDue: sql("SELECT min(at) AS at FROM calls WHERE state = 'delayed'"),
    unkept: sql(`SELECT ${columns} FROM calls WHERE keep_until <= ? LIMIT 1000`),
    request: sql('SELECT bytes FROM requests WHERE number = ?'),
    insertRequest: sql('INSERT INTO requests (number, bytes) VALUES (?, ?)'),
    removeRequest: sql('DELETE FROM requests WHERE number = ?'),
    answer: sql('SELECT bytes FROM answers WHERE number = ?'),
    insertAnswer: sql('INSERT OR REPLACE INTO answers (number, bytes) VALUES (?, ?)'),
    removeAnswer: sql('DELETE FROM answers WHERE number = ?'),
    key: sql('SELECT id FROM keys WHERE function = ? AND key = ? AND keep_until > ?'),
    insertKey: sql('INSERT OR REPLACE INTO keys (function, key, id, keep_until) VALUES (?, ?, ?, ?)'),
    removeKeys: sql('DELETE FROM keys WHERE keep_until <= ?'),
  }
}

/** The selected calls, the newest first. */
export function listCalls(database: DatabaseSync, selection: CallSelection, limit: number): CallRow[] {
  return select(database, conditionsOf(selection), `ORDER BY accepted DESC, number DESC LIMIT ${limit}`)
}

/**
 * Some of the selected calls that may be changed so, in any order: to sort them for every step would take for ever.
 * Only those that got their place in line by then: else a change would not end while what it retries dies again.
 */
export function changeableCalls(
  database: DatabaseSync,
  selection: CallSelection,
  { action, place, limit }: { action: CallChange['action']; place: number; limit: number },
): CallRow[] {
  const states = changeable[action].map((state) => `'${state}'`).join(', ')
  const conditions = [...conditionsOf(selection), [`state IN (${states})`], ['place <= ?', place]] as const
  return select(database, conditions, `LIMIT ${limit}`)
}

type Condition = readonly [text: string, value?: SQLInputValue]

function conditionsOf({ id, function: name, state, since, until }: CallSelection): Condition[] {
  const conditions = [
    ['id = ?', id],
    ['function = ?', name],
    ['state = ?', state],
    ['accepted >= ?', since],
    ['accepted < ?', until],
  ] as const
  return conditions.filter(([, value]) => value !== undefined)
}

function select(database: DatabaseSync, conditions: readonly Condition[], end: string): CallRow[] {
  const where = conditions.map(([text]) => text).join(' AND ') || 'true'
  const values = conditions.flatMap(([, value]) => value ?? [])
  const rows = database.prepare(`SELECT ${columns} FROM calls WHERE ${where} ${end}`).all(...values)
  return rows as unknown as CallRow[]
}
