import { STATUS_CODES } from 'node:http'
import { writeAnswer, writeError } from '../../runtimes/node/answer.mjs'
import { BadBody } from '../../runtimes/node/event.mjs'
import { SkepError, asSkepError } from '../core/errors.ts'
import type { Carrier, CarrierLimits, Outcome } from '../core/carrier.ts'
import type { AnswerSink, Invocation } from '../core/invocation.ts'
import type { Address } from '../core/ports.ts'
import { answerIn, jsonInvocation } from './json-post.ts'
import type { Protocol } from './protocol.ts'
import { readWhole, requestOf } from './request.ts'

interface TranslationParts {
  readonly protocol: Protocol
  readonly carrier: Carrier
  readonly address: Address
  readonly invocation: Invocation
  readonly limits: CarrierLimits
  readonly ended: (outcome: Outcome) => void
  readonly bodies: WeakMap<Invocation, Buffer>
}

/** One try of an invocation whose image speaks another protocol than HTTP: an event instead of a request. */
export class Translation {
  readonly #parts: TranslationParts
  #over = false

  constructor(parts: TranslationParts) {
    this.#parts = parts
  }

  /** Never rejects: how it ends is told to `ended`. */
  async run(): Promise<void> {
    const { invocation } = this.#parts
    invocation.cancel = () => this.#finish({ kind: 'caller_left' })
    try {
      const outcome = await this.#send(await this.#event())
      this.#finish(outcome)
    } catch (error) {
      if (error instanceof BadBody) this.#finish({ kind: 'done', status: this.#refuse(400, error) })
      else this.#finish({ kind: 'failed', error: asSkepError(error) })
    }
  }

  async #event(): Promise<unknown> {
    const { protocol, invocation, limits, bodies } = this.#parts
    const raw = bodies.get(invocation) ?? (await readWhole(invocation.body, limits.maxBodyBytes))
    bodies.set(invocation, raw)
    const call = { id: invocation.id, function: invocation.function, timeoutMs: limits.timeoutMs }
    return protocol.eventOf(requestOf(invocation), raw, call)
  }

  async #send(event: unknown): Promise<Outcome> {
    const { protocol, carrier, address, invocation, limits } = this.#parts
    if (this.#over) return { kind: 'caller_left' }
    const asked = jsonInvocation({ target: protocol.target, body: event }, invocation)
    invocation.cancel = () => asked.invocation.cancel?.()
    const outcome = await new Promise<Outcome>((resolve) =>
      carrier.send(address, asked.invocation, { ...limits, maxBodyBytes: Infinity }, resolve),
    )
    if (outcome.kind === 'cut')
      throw new SkepError('upstream_failed', 'The function broke off in its answer.', {
        hint: 'It may have crashed: look at its log.',
      })
    if (outcome.kind !== 'done') return outcome
    const answered = await answerIn(asked.answer)
    return { kind: 'done', status: this.#answer(answered), spent: protocol.isSpent?.(answered) }
  }

  #answer(answer: { status: number; text: string }): number {
    const { protocol, invocation } = this.#parts
    try {
      const response = new SinkResponse(invocation.answer)
      writeAnswer(response, { value: protocol.valueOf(answer) }, [])
      return response.status
    } catch (error) {
      if (error instanceof SkepError) throw error
      return this.#refuse(500, error)
    }
  }

  #refuse(status: number, error: unknown): number {
    writeError(new SinkResponse(this.#parts.invocation.answer), status, error, [])
    return status
  }

  #finish(outcome: Outcome): void {
    if (this.#over) return
    this.#over = true
    this.#parts.invocation.cancel = undefined
    this.#parts.ended(outcome)
  }
}

/** So much of Node’s response as the runtimes’ way to write an answer asks for. */
class SinkResponse {
  status = 0
  readonly #sink: AnswerSink

  constructor(sink: AnswerSink) {
    this.#sink = sink
  }

  writeHead(status: number, fields: unknown[]): this {
    this.status = status
    this.#sink.head(status, STATUS_CODES[status] ?? '', fields.map(String))
    return this
  }

  end(body: string | Uint8Array = ''): void {
    this.#sink.end(Buffer.from(body))
  }
}
