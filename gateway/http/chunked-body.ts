import { upstreamInvalid } from './answer-head.ts'
import { isTrailer } from './headers.ts'

const sizeLine = /^([0-9a-f]{1,12})(?:;.*)?$/i
const trailerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*)$/
const maxLineBytes = 4096
const maxTrailers = 100

/** Takes the chunks out of a chunked body, however the network has cut it. */
export class ChunkedBody {
  readonly trailers: string[] = []
  ended = false
  readonly #onData: (piece: Buffer) => void
  #part: 'size' | 'data' | 'data end' | 'trailers' = 'size'
  #remaining = 0
  /** A line that has not come to its end yet. */
  #line = ''

  constructor(onData: (piece: Buffer) => void) {
    this.#onData = onData
  }

  /** Reads from `offset` to the body's end or the end of `bytes`, and returns where it stopped. */
  read(bytes: Buffer, offset: number): number {
    let at = offset
    while (at < bytes.length && !this.ended) {
      at = this.#part === 'data' ? this.#readData(bytes, at) : this.#readLine(bytes, at)
    }
    return at
  }

  #readData(bytes: Buffer, offset: number): number {
    const end = Math.min(offset + this.#remaining, bytes.length)
    this.#onData(bytes.subarray(offset, end))
    this.#remaining -= end - offset
    if (this.#remaining === 0) this.#part = 'data end'
    return end
  }

  #readLine(bytes: Buffer, offset: number): number {
    const feed = bytes.indexOf(10, offset)
    const end = feed < 0 ? bytes.length : feed
    this.#line += bytes.toString('latin1', offset, end)
    if (this.#line.length > maxLineBytes) throw upstreamInvalid('a line of the chunked body is too long')
    if (feed < 0) return end
    const line = this.#line
    this.#line = ''
    if (!line.endsWith('\r')) throw upstreamInvalid('a line of the chunked body does not end with CR LF')
    this.#take(line.slice(0, -1))
    return feed + 1
  }

  #take(line: string): void {
    if (this.#part === 'size') {
      const size = sizeLine.exec(line)?.[1]
      if (size === undefined) throw upstreamInvalid('a chunk’s size is malformed')
      this.#remaining = Number.parseInt(size, 16)
      this.#part = this.#remaining === 0 ? 'trailers' : 'data'
    } else if (this.#part === 'data end') {
      if (line !== '') throw upstreamInvalid('a chunk is longer than its size')
      this.#part = 'size'
    } else if (line === '') {
      this.ended = true
    } else {
      this.#takeTrailer(line)
    }
  }

  #takeTrailer(line: string): void {
    const [, name, value] = trailerLine.exec(line) ?? []
    if (name === undefined || value === undefined) throw upstreamInvalid('a trailer is malformed')
    if (this.trailers.length >= 2 * maxTrailers) throw upstreamInvalid('there are too many trailers')
    if (isTrailer(name)) this.trailers.push(name, value.trimEnd())
  }
}
