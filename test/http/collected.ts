import { Readable } from 'node:stream'
import type { SkepError } from '../../gateway/core/errors.ts'
import type { AnswerSink, Invocation } from '../../gateway/core/invocation.ts'

/** An answer that is kept in memory. */
export interface Collected {
  status: number
  body: string
  trailers: readonly string[]
  ended: boolean
  error: SkepError | undefined
}

/** An invocation that no caller has made, and what is answered. */
export function collectedInvocation(
  method: string,
  body?: Readable | Uint8Array,
  headers: readonly string[] = [],
): { invocation: Invocation; answer: Collected } {
  const answer: Collected = { status: 0, body: '', trailers: [], ended: false, error: undefined }
  const sink: AnswerSink = {
    informational: () => {},
    head: (status) => (answer.status = status),
    write: (chunk) => ((answer.body += chunk.toString()), true),
    drained: (resume) => resume(),
    end(last, trailers) {
      answer.body += last?.toString() ?? ''
      answer.trailers = trailers ?? []
      answer.ended = true
    },
    fail: (error) => (answer.error = error),
    cut: () => (answer.ended = true),
  }
  return { invocation: { id: 'x', function: 'hello', method, target: '/', headers, body, answer: sink }, answer }
}
