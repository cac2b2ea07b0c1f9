import { BriefAnswer } from './brief-answer.ts'
import { SkepError } from './errors.ts'
import type { WarmRequest } from './policy.ts'
import type { Carrier, Outcome } from './carrier.ts'
import type { Invocation } from './invocation.ts'
import type { Replica, Revision } from './ports.ts'
import type { ProtocolName } from './protocol.ts'

/** So much of an answer that is no good is shown. */
const shownBytes = 1000

export interface WarmUp extends WarmRequest {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly protocol?: ProtocolName
}

/**
 * Sends a new replica its warm request. False when it turns out not to be ready yet; rejects with `start_failed` unless a
 * whole answer below 400 comes in time.
 */
export async function isWarm(
  carrier: Carrier,
  { revision, replica }: { revision: Revision; replica: Replica },
  { method, target, timeoutMs, signal, protocol }: WarmUp,
): Promise<boolean> {
  const answer = new BriefAnswer(shownBytes)
  const invocation: Invocation = {
    id: crypto.randomUUID(),
    function: revision.function,
    method,
    target,
    headers: ['User-Agent', 'skep-warm'],
    body: undefined,
    answer,
  }
  const outcome = await new Promise<Outcome>((resolve) => {
    const cancel = (): void => invocation.cancel?.()
    // The carrier's limit ends with the head of the answer; this one holds for all of it.
    const timer = setTimeout(cancel, timeoutMs)
    signal.addEventListener('abort', cancel, { once: true })
    const limits = { timeoutMs, startTimeoutMs: timeoutMs, maxBodyBytes: 0, protocol }
    carrier.send(replica.address, invocation, limits, (end) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
      resolve(end)
    })
  })
  if (outcome.kind === 'unready') return false
  if (outcome.kind === 'done' && outcome.status < 400) return true
  const what = `${method} ${target}`
  throw new SkepError('start_failed', `${revision.function} did not get warm: ${what} ${howItEnded(outcome)}.`, {
    hint: 'Traffic comes only after a good answer to `warm`.',
    detail: answer.text || undefined,
  })
}

function howItEnded(outcome: Exclude<Outcome, { kind: 'unready' }>): string {
  if (outcome.kind === 'done') return `was answered with ${outcome.status}`
  if (outcome.kind === 'cut') return 'broke off'
  if (outcome.kind === 'caller_left') return 'was not answered in time'
  return `failed: ${outcome.error.message.replace(/\.$/, '')}`
}
