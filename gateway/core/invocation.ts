import type { Readable } from 'node:stream'
import type { SkepError } from './errors.ts'

/** One request to a function, whatever brought it (http, async, cron, queue, event). */
export interface Invocation {
  /** X-Call-Id. */
  readonly id: string
  /** As it was addressed: `hello` or `hello.namespace`. */
  readonly function: string
  /** The number of the revision that the caller asks for, if any (`X-Skep-Revision`). */
  readonly revision?: string
  /** The same as a wish, by the cookie `skep-revision`: no error when there is no such revision any more. */
  readonly pinned?: string | undefined
  readonly method: string
  /** Path and query as they came, without the `/function/hello`; begins with `/`. */
  readonly target: string
  /** Name, value, name, value … as they came, valid as HTTP; hop-by-hop headers are removed by the carrier. */
  readonly headers: readonly string[]
  /** A carrier whose try was `unready` has put back what it had taken. */
  body: Readable | Uint8Array | undefined
  /** Where the answer goes. */
  readonly answer: AnswerSink
  /** Set by the carrier while it works; the caller's side calls it when the caller leaves. */
  cancel?: () => void
}

/** Takes an answer in the order informational…, head, write…, end; `fail` instead of a head, `cut` after one. */
export interface AnswerSink {
  /** A 1xx answer; may come several times, before the head. */
  informational(status: number, headers: readonly string[]): void
  head(status: number, statusText: string, headers: string[]): void
  /** False: write no more before `drained` calls back. The chunk is the sink's own; an empty one only sends the head on its way. */
  write(chunk: Buffer): boolean
  drained(resume: () => void): void
  end(last?: Buffer, trailers?: readonly string[]): void
  /** There is no answer from the function; say this instead, in the words of the dialect. */
  fail(error: SkepError): void
  /** Before the head: a cookie that the answer shall set, besides those of the function. */
  setCookie?(cookie: string): void
  /** The answer broke after its head: all that is left is a visible cut. */
  cut(): void
}
