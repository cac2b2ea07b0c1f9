import { Readable } from 'node:stream'
import type { Invocation } from '../core/invocation.ts'

const keptBytes = 64 * 1024

/** What has been sent of a request's body, kept so that it can be sent again. Of a long one only the beginning is kept. */
export class SentBody {
  #chunks: Buffer[] | undefined = []
  #bytes = 0
  #holds = true

  /** Whether all that has been sent is here. */
  get isWhole(): boolean {
    return this.#chunks !== undefined
  }

  /** Nothing more should be sent for now: it could not be kept. */
  get holds(): boolean {
    return this.#holds && this.#bytes >= keptBytes
  }

  add(chunk: Buffer): void {
    if (this.#bytes >= keptBytes) this.#chunks = undefined
    this.#bytes += chunk.length
    this.#chunks?.push(chunk)
  }

  /** From now on more is sent than can be kept. */
  release(): void {
    this.#holds = false
  }

  /** The invocation has its whole body again. Nobody else may read from it at this moment. */
  putBack(invocation: Invocation): void {
    const { body } = invocation
    if (!(body instanceof Readable) || !this.#chunks) return
    const sent = Buffer.concat(this.#chunks)
    if (body.readableEnded) {
      invocation.body = sent
    } else {
      body.pause() // until it is sent again
      body.unshift(sent)
    }
  }
}
