import { isUtf8 } from 'node:buffer'
import type { CallRecord, CallSummary } from '../core/queue.ts'

/** A call as a client reads it. */
export function summaryView({ id, function: name, state, acceptedAt, attempt, failures, at, reason }: CallSummary) {
  return {
    id,
    function: name,
    state,
    acceptedAt: timeView(acceptedAt),
    ...(at === undefined ? {} : { [timeNames[state]]: timeView(at) }),
    attempt,
    failures,
    reason,
  }
}

const timeNames = {
  waiting: 'since',
  delayed: 'dueAt',
  running: 'startedAt',
  done: 'endedAt',
  dead: 'endedAt',
  cancelled: 'endedAt',
} as const

/** What its caller may see of it: not the request, which others may have helped to write. */
export function resultView(record: CallRecord) {
  const { answer } = record
  if (answer === undefined) return summaryView(record)
  const { status, headers, body, truncated, durationMs } = answer
  return {
    ...summaryView(record),
    answer: { status, headers: pairs(headers), ...bodyView(body), truncated, durationMs },
  }
}

/** All of it, for an operator. */
export function recordView(record: CallRecord) {
  const { request } = record
  if (request === undefined) return resultView(record)
  return {
    ...resultView(record),
    request: { target: request.target, headers: pairs(request.headers), ...bodyView(request.body) },
  }
}

const timeView = (ms: number): string => new Date(ms).toISOString()

/** Text as text; other bytes as base64, because JSON has no bytes. */
function bodyView(bytes: Uint8Array) {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return isUtf8(buffer) ? { body: buffer.toString() } : { bodyBase64: buffer.toString('base64') }
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : [])) as [string, string][]
}
