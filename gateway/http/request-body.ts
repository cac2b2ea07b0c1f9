import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { trailerLines } from './request-head.ts'
import type { RequestFraming } from './request-head.ts'
import type { SentBody } from './sent-body.ts'

export interface BodyEvents {
  onSent(): void
  onTooLarge(): void
  /** The caller's side broke off, or sent more or less than it had announced. */
  onBroken(): void
}

/** Sends a body that is still arriving, no faster than the function takes it. Written by hand: `pipeline` costs more than the rest of the hop. */
export class RequestBody {
  readonly #body: Readable
  readonly #socket: Socket
  readonly #framing: RequestFraming
  readonly #maxBytes: number
  readonly #events: BodyEvents
  readonly #sent: SentBody | undefined
  #sentBytes = 0
  #over = false

  constructor(
    body: Readable,
    socket: Socket,
    options: { framing: RequestFraming; maxBytes: number; events: BodyEvents; sent: SentBody | undefined },
  ) {
    this.#body = body
    this.#socket = socket
    this.#framing = options.framing
    this.#maxBytes = options.maxBytes
    this.#events = options.events
    this.#sent = options.sent
    body.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose).on('error', this.#onClose)
    if (body.readableEnded) this.#onEnd()
    else if (body.destroyed) this.#onClose()
    else if (body.isPaused()) body.resume() // it was put back
  }

  drained(): void {
    if (!this.#over && !this.#sent?.holds) this.#body.resume()
  }

  /** Leaves the rest unread. The error listener stays: an error that nobody hears would end the process. */
  stop(): void {
    this.#over = true
    this.#body.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
  }

  readonly #onData = (data: Buffer | string): void => {
    const chunk = typeof data === 'string' ? Buffer.from(data) : data
    this.#sentBytes += chunk.length
    if (this.#sentBytes > this.#maxBytes) return this.#finish('onTooLarge')
    if (typeof this.#framing === 'object' && this.#sentBytes > this.#framing.bytes) return this.#finish('onBroken')
    if (this.#framing === 'chunked') this.#writeChunk(chunk)
    else this.#socket.write(chunk)
    this.#sent?.add(chunk)
    if (this.#socket.writableNeedDrain || this.#sent?.holds) this.#body.pause()
  }

  readonly #onEnd = (): void => {
    if (typeof this.#framing === 'object' && this.#sentBytes < this.#framing.bytes) return this.#finish('onBroken')
    if (this.#framing === 'chunked') this.#socket.write(`0\r\n${trailerLines(this.#body)}\r\n`, 'latin1')
    this.#finish('onSent')
  }

  readonly #onClose = (): void => this.#finish('onBroken')

  #writeChunk(chunk: Buffer): void {
    if (chunk.length === 0) return // an empty chunk would be the last
    this.#socket.cork()
    this.#socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
    this.#socket.write(chunk)
    this.#socket.write('\r\n', 'latin1')
    this.#socket.uncork()
  }

  #finish(event: keyof BodyEvents): void {
    if (this.#over) return
    this.stop()
    this.#events[event]()
  }
}
