import type { AnswerSink } from '../core/invocation.ts'
import { upstreamInvalid } from './answer-head.ts'
import type { AnswerHead } from './answer-head.ts'
import { AnswerParser } from './answer-parser.ts'
import type { AnswerListener } from './answer-parser.ts'

const nothing = Buffer.alloc(0)

/** What a relay needs of a sink; `fail` and `cut` are for those who know why. */
export type RelaySink = Pick<AnswerSink, 'informational' | 'head' | 'write' | 'end'>

/** Passes an answer on to its sink as it arrives. */
export class AnswerRelay implements AnswerListener {
  readonly #sink: RelaySink
  readonly #parser: AnswerParser
  /** The newest piece, held back while more may come with it: the last one leaves together with the end. */
  #piece: Buffer | undefined
  #headWaits = false
  readonly onSwitch: (head: AnswerHead) => void
  head: AnswerHead | undefined

  /** `onSwitch` takes the connection over at a 101; without it a 101 is an error. */
  constructor(method: string, sink: RelaySink, onSwitch: (head: AnswerHead) => void = refuseSwitch) {
    this.#sink = sink
    this.onSwitch = onSwitch
    this.#parser = new AnswerParser(method, this)
  }

  get ended(): boolean {
    return this.#parser.ended
  }

  /** Reads on; returns where the answer ended, or the length of `bytes`. */
  read(bytes: Buffer): number {
    return this.#parser.read(bytes)
  }

  /** The function has closed the connection; false: in the middle of the answer. */
  closed(): boolean {
    return this.#parser.closed()
  }

  /** Sends what was read, a lone head too (an event stream has no first byte for long). False: the sink wants a rest. */
  flush(): boolean {
    const piece = this.#piece
    if (!piece && !this.#headWaits) return true
    this.#headWaits = false
    this.#piece = undefined
    return this.#sink.write(piece ? Buffer.from(piece) : nothing)
  }

  onInformational(head: AnswerHead): void {
    this.#sink.informational(head.status, head.headers)
  }

  onHead(head: AnswerHead): void {
    this.head = head
    this.#headWaits = true
    this.#sink.head(head.status, head.statusText, head.headers)
  }

  onPiece(piece: Buffer): void {
    if (this.#piece) this.flush()
    this.#piece = piece
  }

  onAnswered(trailers: readonly string[]): void {
    const last = this.#piece && Buffer.from(this.#piece)
    this.#piece = undefined
    this.#headWaits = false
    this.#sink.end(last, trailers.length > 0 ? trailers : undefined)
  }
}

function refuseSwitch(): void {
  throw upstreamInvalid('it switches protocols and was not asked to')
}
