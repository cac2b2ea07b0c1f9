import { SkepError } from './errors.ts'
import type { AnswerSink } from './invocation.ts'
import type { QueuedAnswer } from './queue.ts'

export type Captured =
  | { readonly kind: 'answered'; readonly answer: QueuedAnswer }
  | { readonly kind: 'failed'; readonly error: SkepError }

/** Collects an answer, its body up to a limit: what is longer is cut off and said to be. */
export class CapturedAnswer implements AnswerSink {
  readonly ended: Promise<Captured>
  readonly #end: (captured: Captured) => void
  readonly #maxBytes: number
  readonly #startedAt = performance.now()
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #status = 0
  #headers: readonly string[] = []

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    const { promise, resolve } = Promise.withResolvers<Captured>()
    this.ended = promise
    this.#end = resolve
  }

  informational(): void {
    // Nobody waits for it.
  }

  head(status: number, _statusText: string, headers: string[]): void {
    this.#status = status
    this.#headers = headers
  }

  write(chunk: Buffer): boolean {
    const room = Math.max(this.#maxBytes - this.#bytes, 0)
    if (room > 0) this.#chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
    this.#bytes += chunk.length
    return true
  }

  drained(resume: () => void): void {
    resume()
  }

  end(last?: Buffer): void {
    if (last) this.write(last)
    const body = Buffer.concat(this.#chunks)
    const truncated = this.#bytes > this.#maxBytes
    const durationMs = Math.round(performance.now() - this.#startedAt)
    this.#end({
      kind: 'answered',
      answer: { status: this.#status, headers: this.#headers, body, truncated, durationMs },
    })
  }

  fail(error: SkepError): void {
    this.#end({ kind: 'failed', error })
  }

  cut(): void {
    this.fail(
      new SkepError('upstream_failed', 'The function broke off in the middle of its answer.', {
        hint: 'It may have crashed: look at its log.',
      }),
    )
  }
}
