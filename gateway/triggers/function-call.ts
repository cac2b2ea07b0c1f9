import { headerValue } from '../core/header-value.ts'
import type { CallLease, QueuedAnswer } from '../core/queue.ts'
import { parseRetryAfter, type RunEnd } from '../core/retry.ts'
import type { TriggerContext } from '../core/trigger.ts'
import { CapturedAnswer } from '../core/captured-answer.ts'

export interface FunctionCallOptions {
  readonly context: TriggerContext
  readonly maxAnswerBytes: number
  readonly signal: AbortSignal
}

/** One try: how it ended and what the function has answered. */
export interface Try {
  readonly end: RunEnd
  readonly answer?: QueuedAnswer
}

/** Makes an invocation of a queued call and waits for its answer. */
export async function callFunction({ call, attempt }: CallLease, options: FunctionCallOptions): Promise<Try> {
  const answer = new CapturedAnswer(options.maxAnswerBytes)
  // `hello@3`: for one revision, whatever the caller had asked for.
  const [name = '', revision = headerValue(call.headers, 'x-skep-revision')] = call.function.split('@')
  const invocation = {
    ...{ id: call.id, function: name, method: 'POST', target: call.target, body: call.body, revision, answer },
    headers: [...call.headers, 'X-Call-Id', call.id, 'X-Attempt', String(attempt)],
    cancel: undefined as (() => void) | undefined,
  }
  options.signal.addEventListener('abort', () => invocation.cancel?.())
  options.context.invoke(invocation)
  const captured = await answer.ended
  if (captured.kind === 'failed') return { end: captured }
  const { status, headers } = captured.answer
  const retryAfterMs = parseRetryAfter(headerValue(headers, 'retry-after'))
  return { end: { kind: 'answered', status, retryAfterMs }, answer: captured.answer }
}
