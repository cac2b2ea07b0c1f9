import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SkepError } from '../core/errors.ts'
import type { AnswerSink } from '../core/invocation.ts'
import type { Stamp } from './caller-headers.ts'
import { linger } from './caller-body.ts'
import { respondFailure } from './failures.ts'
import { oneOf } from './headers.ts'
import { atTurnsEnd } from './turn.ts'

/** Up to this size an answer leaves as one string together with its head, in one packet; Node writes buffers apart. */
const maxStringBytes = 16 * 1024

export interface HttpAnswerOptions {
  readonly stamp: Stamp
  readonly maySeeDetail: (req: IncomingMessage) => boolean
}

/** Writes an answer into Node's response. */
export class HttpAnswer implements AnswerSink {
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #options: HttpAnswerOptions
  #cookie: string | undefined

  constructor(req: IncomingMessage, res: ServerResponse, options: HttpAnswerOptions) {
    this.#req = req
    this.#res = res
    this.#options = options
  }

  setCookie(cookie: string): void {
    this.#cookie = cookie
  }

  informational(status: number, headers: readonly string[]): void {
    if (this.#isHttp10) return // it knows none
    if (status === 100) this.#res.writeContinue()
    else this.#res.writeInformation(status, headers)
  }

  head(status: number, statusText: string, headers: string[]): void {
    const { callId, startTime } = this.#options.stamp
    const answered = without(this.#isHttp10 ? without(headers, isTrailer) : headers, isOurs)
    answered.push('X-Call-Id', callId, 'X-Start-Time', startTime)
    if (this.#cookie !== undefined) answered.push('Set-Cookie', this.#cookie)
    this.#res.writeHead(status, statusText, answered)
  }

  write(chunk: Buffer): boolean {
    if (chunk.length > 0) return this.#res.write(chunk)
    this.#res.flushHeaders()
    return true
  }

  drained(resume: () => void): void {
    this.#res.once('drain', resume)
  }

  end(last?: Buffer, trailers?: readonly string[]): void {
    if (trailers && this.#res.chunkedEncoding) this.#res.addTrailers(pairsOf(trailers))
    const body = last && last.length <= maxStringBytes ? last.toString('latin1') : last
    atTurnsEnd(() => this.#res.end(body, 'latin1'))
    linger(this.#req)
  }

  fail(error: SkepError): void {
    const { stamp, maySeeDetail } = this.#options
    respondFailure(this.#req, this.#res, error, {
      withDetail: error.detail !== undefined && maySeeDetail(this.#req),
      headers: ['X-Call-Id', stamp.callId, 'X-Start-Time', stamp.startTime],
    })
  }

  /** HTTP/1.0 knows the end of some answers by the connection's end alone: only a reset is a visible cut there. */
  cut(): void {
    if (this.#isHttp10) this.#req.socket.resetAndDestroy()
    else this.#req.socket.destroySoon()
  }

  get #isHttp10(): boolean {
    return this.#req.httpVersionMinor === 0
  }
}

/** Headers that Skep alone writes on an answer; a function may echo what it got. */
const isOurs = oneOf(['x-call-id', 'x-start-time', 'x-skep-error'])
/** Node refuses a Trailer header on an answer without chunks, and HTTP/1.0 has none. */
const isTrailer = oneOf(['trailer'])

function without(headers: string[], isUnwanted: (name: string) => boolean): string[] {
  if (!headers.some(isUnwanted)) return headers // looks at values too, which only costs the copy
  return headers.filter((_, i) => !isUnwanted(headers[i - (i % 2)] ?? ''))
}

function pairsOf(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i] ?? '', flat[i + 1] ?? ''])
  return pairs
}
