import type { CallRecord, CallState, CallSummary } from '../core/queue.ts'
import { answerFromBytes, requestFromBytes } from './frame.ts'

/** What list.lua returns: id, function, state, accepted, try, failures, at, reason. */
export type SummaryRow = readonly Buffer[]
/** What show.lua returns. */
export type RecordRow = readonly [SummaryRow, Buffer | null, Buffer | null]
/** What take.lua returns: id, function, try, failures, age, request. */
export type LeaseRow = readonly [Buffer, Buffer, number, number, number, Buffer]

export function summaryOf(row: SummaryRow): CallSummary {
  const [id = '', name = '', state, accepted, attempt, failures, at, reason] = row.map(String)
  return {
    id,
    function: name,
    state: state as CallState,
    acceptedAt: Number(accepted),
    attempt: Number(attempt),
    failures: Number(failures),
    at: state === 'waiting' ? undefined : Number(at),
    reason: reason === '' ? undefined : reason,
  }
}

export function recordOf([row, request, answer]: RecordRow): CallRecord {
  const summary = summaryOf(row)
  return {
    ...summary,
    request: request === null ? undefined : { ...summary, ...requestFromBytes(request) },
    answer: answer === null ? undefined : answerFromBytes(answer),
  }
}
