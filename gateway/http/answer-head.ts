import { SkepError } from '../core/errors.ts'
import { isHopByHop, namedByConnection, tokensOf } from './headers.ts'

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

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** Everything but a tab and printable bytes: CR, LF and NUL in a value are how answers are split. */
const illegalInValue = /[^\t -~\x80-\xff]/
const noBody: Framing = { kind: 'none' }

export function upstreamInvalid(what: string): SkepError {
  return new SkepError('upstream_invalid', `The function’s answer is not valid HTTP: ${what}.`, {
    hint: 'Mend the function’s server; Skep does not pass on what callers could read in two ways.',
  })
}

/** Reads an answer's head, without its final empty line, strictly: whatever could be read in two ways is an error. */
export function parseAnswerHead(text: string, method: string): AnswerHead {
  const lines = text.split('\r\n')
  const match = statusLine.exec(lines[0] ?? '')
  if (!match || illegalInValue.test(match[3] ?? '')) throw upstreamInvalid('the status line is malformed')
  const status = Number(match[2])
  const http10 = match[1] === '0'
  const headers: string[] = []
  const control: Control = {
    connection: undefined,
    keepAlive: undefined,
    contentLength: undefined,
    transferEncoding: undefined,
    trailer: undefined,
    upgrade: undefined,
  }
  for (let i = 1; i < lines.length; i++) readHeader(lines[i] ?? '', headers, control)

  const framing = framingOf(status, method, http10, control)
  if (framing.kind === 'chunked' && control.trailer !== undefined) headers.push('Trailer', control.trailer)
  if (control.contentLength !== undefined && status >= 200 && status !== 204) {
    headers.push('Content-Length', control.contentLength)
  }
  return {
    status,
    statusText: match[3] ?? '',
    headers: withoutNamed(headers, control.connection),
    framing,
    persistent: framing.kind !== 'close' && isPersistent(http10, control.connection),
    keepAliveSeconds: secondsOf(control.keepAlive),
    upgrade: control.upgrade,
  }
}

/** One header line into the list, or into `control` when it is about framing or the connection. */
function readHeader(line: string, headers: string[], control: Control): void {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon)
  if (colon < 1 || !token.test(name)) throw upstreamInvalid('a header line is malformed')
  const value = trimmed(line, colon + 1)
  if (illegalInValue.test(value)) throw upstreamInvalid(`the header ${name} has control characters`)
  switch (name.toLowerCase()) {
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
      return
    default:
      if (!isHopByHop(name.toLowerCase())) headers.push(name, value)
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
  const tokens = tokensOf(connection)
  return !tokens.includes('close') && (!http10 || tokens.includes('keep-alive'))
}

function withoutNamed(headers: string[], connection: string | undefined): string[] {
  const named = namedByConnection(connection)
  if (!named) return headers
  return headers.filter((_, i) => !named.has((headers[i - (i % 2)] ?? '').toLowerCase()))
}

function trimmed(line: string, from: number): string {
  let start = from
  let end = line.length
  while (start < end && isBlank(line.charCodeAt(start))) start++
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--
  return line.slice(start, end)
}

const isBlank = (code: number): boolean => code === 32 || code === 9

const joined = (before: string | undefined, value: string): string =>
  before === undefined ? value : `${before}, ${value}`

/** N of `timeout=N, max=100`. */
function secondsOf(keepAlive: string | undefined): number | undefined {
  const seconds = keepAlive === undefined ? undefined : /(?:^|[ ,;])timeout=(\d{1,6})/i.exec(keepAlive)?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}
