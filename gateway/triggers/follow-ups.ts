import { randomUUID } from 'node:crypto'
import { headerValue } from '../core/header-value.ts'
import type { AsyncPolicy } from '../core/async-policy.ts'
import type { PushOptions, QueuedAnswer, QueuedCall } from '../core/queue.ts'

/** Callbacks wait in a line of their own for each function: a receiver that is down holds up no call. */
export const callbackLine = 'callback:'

/** Functions that call each other with their answers come to an end here. */
const maxHops = 10

export interface EndedCall {
  readonly call: QueuedCall
  readonly state: 'done' | 'dead'
  readonly answer: QueuedAnswer | undefined
}

export interface FollowUp {
  readonly call: QueuedCall
  readonly options: PushOptions
}

/** What is to be called because a call came to its end. When it has to be done twice, the second does not count. */
export function followUps(ended: EndedCall, policy: AsyncPolicy): FollowUp[] {
  const calls = [callbackFor(ended), destinationFor(ended, policy)]
  return calls.flatMap((call) => {
    if (call === undefined) return []
    // A dead letter that was sent again may end as done, and that is news. The arrow fits into no header: no caller can
    // take the key first.
    const idempotencyKey = `→${ended.call.id}/${ended.state}`
    return { call: { id: randomUUID(), ...call }, options: { idempotencyKey, evenIfFull: true } }
  })
}

type NewCall = Omit<QueuedCall, 'id'>

function callbackFor({ call, answer }: EndedCall): NewCall | undefined {
  const url = headerValue(call.headers, 'x-callback-url')
  if (url === undefined) return undefined
  const headers = [...withoutLength(answer?.headers ?? []), ...aboutCall(call, answer), 'X-Call-Id', call.id]
  return { function: callbackLine + call.function, target: url, headers, body: answer?.body ?? new Uint8Array() }
}

function destinationFor({ call, state, answer }: EndedCall, policy: AsyncPolicy): NewCall | undefined {
  const name = state === 'done' ? policy.onSuccess : policy.onFailure
  const hops = Number(headerValue(call.headers, 'x-skep-hops') ?? 0) + 1
  if (name === undefined || hops > maxHops) return undefined
  const passed = state === 'done' ? answer : call
  const type = headerValue(passed?.headers ?? [], 'content-type') ?? 'application/octet-stream'
  const source = ['X-Source-Call-Id', call.id, 'X-Skep-Hops', String(hops)]
  const headers = ['Content-Type', type, ...aboutCall(call, answer), ...source]
  return { function: name, target: '/', headers, body: passed?.body ?? new Uint8Array() }
}

/** In the words of OpenFaaS: 503 also means that there was no answer. */
function aboutCall(call: QueuedCall, answer: QueuedAnswer | undefined): string[] {
  const about = ['X-Function-Name', call.function, 'X-Function-Status', String(answer?.status ?? 503)]
  const seconds = ((answer?.durationMs ?? 0) / 1000).toFixed(6)
  const truncated = answer?.truncated ? ['X-Answer-Truncated', 'true'] : []
  return [...about, 'X-Duration-Seconds', seconds, ...truncated]
}

function withoutLength(headers: readonly string[]): string[] {
  return headers.filter((_, at) => (headers[at - (at % 2)] ?? '').toLowerCase() !== 'content-length')
}
