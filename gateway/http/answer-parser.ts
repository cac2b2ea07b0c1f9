import { parseAnswerHead, upstreamInvalid } from './answer-head.ts'
import type { AnswerHead } from './answer-head.ts'
import { ChunkedBody } from './chunked-body.ts'

const maxHeadBytes = 64 * 1024
const noTrailers: readonly string[] = []

export interface AnswerListener {
  /** A 1xx answer; the head is still to come. */
  onInformational(head: AnswerHead): void
  /** A 101: what follows it is not HTTP any more, so that reading ends here. */
  onSwitch(head: AnswerHead): void
  onHead(head: AnswerHead): void
  /** `piece` is only valid during the call. */
  onPiece(piece: Buffer): void
  onAnswered(trailers: readonly string[]): void
}

/** Reads one answer from the bytes of a connection. Throws `upstream_invalid`; what it told until then stands. */
export class AnswerParser {
  readonly #method: string
  readonly #listener: AnswerListener
  #head: AnswerHead | undefined
  /** The beginning of a head that came in more than one piece. */
  #early: Buffer | undefined
  #remaining = 0
  #chunks: ChunkedBody | undefined
  #ended = false

  constructor(method: string, listener: AnswerListener) {
    this.#method = method
    this.#listener = listener
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Reads on; returns where the answer ended, or the length of `bytes`. */
  read(bytes: Buffer): number {
    let at = 0
    while (!this.#head) {
      const next = this.#readHead(bytes, at)
      if (next < 0) return bytes.length
      at = next
    }
    if (this.#ended || at === bytes.length) return at
    return this.#readBody(bytes, at)
  }

  /** The function has closed the connection; false: in the middle of the answer. */
  closed(): boolean {
    if (!this.#ended && this.#head?.framing.kind === 'close') this.#end(noTrailers)
    return this.#ended
  }

  /** Returns where the head ended, or -1 when more bytes are needed. */
  #readHead(bytes: Buffer, offset: number): number {
    const all = this.#early ? Buffer.concat([this.#early, bytes.subarray(offset)]) : bytes
    const start = this.#early ? 0 : offset
    const end = all.indexOf('\r\n\r\n', start, 'latin1')
    if ((end < 0 ? all.length : end) - start > maxHeadBytes) throw upstreamInvalid('its head is larger than 64 KiB')
    if (end < 0) {
      this.#early = this.#early ? all : Buffer.from(all.subarray(start))
      return -1
    }
    const next = end + 4 - (all.length - bytes.length)
    this.#early = undefined
    this.#takeHead(parseAnswerHead(all.toString('latin1', start, end), this.#method))
    return next
  }

  #takeHead(head: AnswerHead): void {
    if (head.status < 200 && head.status !== 101) return this.#listener.onInformational(head)
    this.#head = head
    if (head.status === 101) {
      this.#ended = true
      return this.#listener.onSwitch(head)
    }
    this.#listener.onHead(head)
    if (head.framing.kind === 'none') this.#end(noTrailers)
    if (head.framing.kind === 'length') this.#remaining = head.framing.bytes
    if (head.framing.kind === 'chunked') this.#chunks = new ChunkedBody((piece) => this.#listener.onPiece(piece))
  }

  #readBody(bytes: Buffer, offset: number): number {
    if (this.#chunks) {
      const at = this.#chunks.read(bytes, offset)
      if (this.#chunks.ended) this.#end(this.#chunks.trailers)
      return at
    }
    if (this.#head?.framing.kind === 'close') {
      this.#listener.onPiece(bytes.subarray(offset))
      return bytes.length
    }
    const end = Math.min(offset + this.#remaining, bytes.length)
    this.#listener.onPiece(bytes.subarray(offset, end))
    this.#remaining -= end - offset
    if (this.#remaining === 0) this.#end(noTrailers)
    return end
  }

  #end(trailers: readonly string[]): void {
    this.#ended = true
    this.#listener.onAnswered(trailers)
  }
}
