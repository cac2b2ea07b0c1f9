import { CapturedAnswer } from '../core/captured-answer.ts'
import type { Carrier, Outcome } from '../core/carrier.ts'
import type { Invocation } from '../core/invocation.ts'
import type { Address } from '../core/ports.ts'
import type { ImageAnswer } from './protocol.ts'

/** What is read of an answer: Lambda’s own limit, and a little. */
export const maxAnswerBytes = 8 * 1024 ** 2

export interface JsonPost {
  readonly target: string
  readonly body: unknown
  readonly timeoutMs: number
}

/** A POST of JSON in the place of what the caller sent; the whole answer is kept. */
export function jsonInvocation(
  { target, body }: Pick<JsonPost, 'target' | 'body'>,
  call: Pick<Invocation, 'id' | 'function'>,
) {
  const answer = new CapturedAnswer(maxAnswerBytes)
  const headers = ['Content-Type', 'application/json', 'X-Call-Id', call.id]
  const invocation: Invocation = {
    ...{ id: call.id, function: call.function, method: 'POST', target, headers, answer },
    body: Buffer.from(JSON.stringify(body)),
  }
  return { invocation, answer }
}

/** Sends a replica something that is not a call. Rejects with the code of what went wrong. */
export async function postJson(carrier: Carrier, address: Address, post: JsonPost): Promise<ImageAnswer> {
  const { invocation, answer } = jsonInvocation(post, { id: crypto.randomUUID(), function: '' })
  const { timeoutMs } = post
  const limits = { timeoutMs, maxBodyBytes: Infinity, startTimeoutMs: timeoutMs }
  const outcome = await new Promise<Outcome>((resolve) => carrier.send(address, invocation, limits, resolve))
  if (outcome.kind === 'failed' || outcome.kind === 'unsent') throw outcome.error
  return answerIn(answer)
}

export async function answerIn(answer: CapturedAnswer): Promise<ImageAnswer> {
  const captured = await answer.ended
  if (captured.kind === 'failed') throw captured.error
  return { status: captured.answer.status, text: Buffer.from(captured.answer.body).toString('utf8') }
}
