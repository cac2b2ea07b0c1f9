import { SkepError } from '../core/errors.ts'
import { hopByHop, namedByConnection, oneOf, tokensOf } from './headers.ts'

/** How the end of an answer's body is known. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'close' }

export interface AnswerHead {
  readonly status: number
  readonly statusText: string
  /** Name, value … without what is hop-by-hop. */
  readonly headers: string[]
  readonly framing: Framing
  /** The connection may carry another request when this answer has ended. */
  readonly persistent: boolean
  /** The function closes an idle connection after that many seconds, if it says so. */
  readonly keepAliveSeconds: number | undefined
  /** The protocol that a 101 switches to. */
  readonly upgrade: string | undefined
}

/** What the headers say about the connection and about the body's end. */
interface Control {
  connection: string | undefined
  keepAlive: string | undefined
  contentLength: string | undefined
  transferEncoding: string | undefined
  trailer: string | undefined
  upgrade: string | undefined
}

/** Status line and header lines; nothing in them but tabs and printable bytes: with CR, LF and NUL answers are split. */
const wholeHead =
  /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t -~\x80-\xff]*))?((?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*)*)$/
const noBody: Framing = { kind: 'none' }

export function upstreamInvalid(what: string): SkepError {
  return new SkepError('upstream_invalid', `The function’s answer is not valid HTTP: ${what}.`, {
    hint: 'Mend the function’s server; Skep does not pass on what callers could read in two ways.',
  })
}

/** Reads an answer's head, without its final empty line, strictly: whatever could be read in two ways is an error. */
export function parseAnswerHead(text: string, method: string): AnswerHead {
  const match = wholeHead.exec(text)
  if (!match) throw upstreamInvalid('its head is malformed')
  const [, minor, code, statusText = '', lines = ''] = match
  const status = Number(code)
  const http10 = minor === '0'
  const control: Control = {
    connection: undefined,
    keepAlive: undefined,
    contentLength: undefined,
    transferEncoding: undefined,
    trailer: undefined,
    upgrade: undefined,
  }
  const headers = readHeaders(lines, control)
  const framing = framingOf(status, method, http10, control)
  if (framing.kind === 'chunked' && control.trailer !== undefined) headers.push('Trailer', control.trailer)
  if (control.contentLength !== undefined && status >= 200 && status !== 204) {
    headers.push('Content-Length', control.contentLength)
  }
  return {
    status,
    statusText,
    headers: withoutNamed(headers, control.connection),
    framing,
    persistent: framing.kind !== 'close' && isPersistent(http10, control.connection),
    keepAliveSeconds: secondsOf(control.keepAlive),
    upgrade: control.upgrade,
  }
}

/** The end-to-end headers of these lines, each of which begins with CR LF; what is about the connection goes into `control`. */
function readHeaders(lines: string, control: Control): string[] {
  const headers: string[] = []
  let at = 2
  while (at < lines.length) {
    const colon = lines.indexOf(':', at)
    const feed = lines.indexOf('\r\n', colon)
    const end = feed < 0 ? lines.length : feed
    const name = lines.slice(at, colon)
    const value = trimmed(lines, colon + 1, end)
    if (isControl(name)) readControl(name.toLowerCase(), value, control)
    else headers.push(name, value)
    at = end + 2
  }
  return headers
}

const isControl = oneOf([...hopByHop, 'content-length'])

function readControl(name: string, value: string, control: Control): void {
  switch (name) {
    case 'content-length':
      if (control.contentLength !== undefined) throw upstreamInvalid('there is more than one Content-Length')
      control.contentLength = value
      return
    case 'transfer-encoding':
      if (control.transferEncoding !== undefined) throw upstreamInvalid('there is more than one Transfer-Encoding')
      control.transferEncoding = value
      return
    case 'connection':
      control.connection = joined(control.connection, value)
      return
    case 'trailer':
      control.trailer = joined(control.trailer, value)
      return
    case 'keep-alive':
      control.keepAlive = value
      return
    case 'upgrade':
      control.upgrade = value
  }
}

function framingOf(status: number, method: string, http10: boolean, control: Control): Framing {
  const { contentLength, transferEncoding } = control
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined) throw upstreamInvalid('it has both Content-Length and Transfer-Encoding')
    if (http10) throw upstreamInvalid('HTTP/1.0 has no Transfer-Encoding')
    if (transferEncoding.toLowerCase() !== 'chunked') throw upstreamInvalid('the transfer coding is not "chunked"')
  }
  if (contentLength !== undefined && !/^\d{1,15}$/.test(contentLength)) {
    throw upstreamInvalid('the Content-Length is not a number')
  }
  if (status < 200 || status === 204 || status === 304 || method === 'HEAD') return noBody
  if (transferEncoding !== undefined) return { kind: 'chunked' }
  if (contentLength === undefined) return { kind: 'close' }
  return contentLength === '0' ? noBody : { kind: 'length', bytes: Number(contentLength) }
}

function isPersistent(http10: boolean, connection: string | undefined): boolean {
  if (connection === undefined) return !http10
  if (connection === 'keep-alive') return true
  const tokens = tokensOf(connection)
  return !tokens.includes('close') && (!http10 || tokens.includes('keep-alive'))
}

function withoutNamed(headers: string[], connection: string | undefined): string[] {
  const named = namedByConnection(connection)
  if (!named) return headers
  return headers.filter((_, i) => !named.has((headers[i - (i % 2)] ?? '').toLowerCase()))
}

function trimmed(text: string, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

const isBlank = (code: number): boolean => code === 32 || code === 9

const joined = (before: string | undefined, value: string): string =>
  before === undefined ? value : `${before}, ${value}`

/** N of `timeout=N, max=100`. */
function secondsOf(keepAlive: string | undefined): number | undefined {
  const seconds = keepAlive === undefined ? undefined : /(?:^|[ ,;])timeout=(\d{1,6})/i.exec(keepAlive)?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}
