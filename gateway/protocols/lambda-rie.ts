import { answerOf } from '../../runtimes/node-lambda/answer.mjs'
import { httpEvent } from '../../runtimes/node-lambda/event.mjs'
import { SkepError } from '../core/errors.ts'
import { jsonOf } from './json.ts'
import type { Protocol } from './protocol.ts'

/**
 * The runtime interface emulator of AWS’s base images. It answers 200 whatever the handler did: a thrown error is told
 * by its keys alone, a timeout by a sentence (cmd/aws-lambda-rie/handlers.go of aws-lambda-runtime-interface-emulator).
 */
export const lambdaRie: Protocol = {
  target: '/2015-03-31/functions/function/invocations',
  isOpen: true,
  eventOf: (request, raw) => httpEvent(request, raw),
  valueOf(answer) {
    if (/^Task timed out after [\d.]+ seconds$/.test(answer.text)) throw timedOut(answer.text)
    const result = jsonOf(answer)
    if (isFailure(result)) throw new Error(result.errorMessage)
    return answerOf(result)
  },
}

function isFailure(result: unknown): result is { errorMessage: string } {
  if (typeof result !== 'object' || result === null || 'statusCode' in result) return false
  return 'errorMessage' in result && typeof result.errorMessage === 'string' && 'errorType' in result
}

const timedOut = (text: string): SkepError =>
  new SkepError('upstream_timeout', `The emulator of Lambda ended the call: ${text}.`, {
    hint: 'AWS_LAMBDA_FUNCTION_TIMEOUT in its environment is the number of seconds; 300 when it is not set.',
  })
