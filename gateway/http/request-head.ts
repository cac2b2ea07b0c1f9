import { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { headerValue } from '../core/header-value.ts'
import type { Invocation } from '../core/invocation.ts'
import type { Address } from '../core/ports.ts'
import { hopByHop, isTrailer, namedByConnection, oneOf } from './headers.ts'

/** How the function learns where the request's body ends. */
export type RequestFraming = 'none' | 'chunked' | { readonly bytes: number }

/** Methods whose requests mean a body: without one they say so. */
const bodyMethods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

export function requestFraming({ body, headers, method }: Invocation): RequestFraming {
  if (body === undefined) return bodyMethods.has(method) ? { bytes: 0 } : 'none'
  if (body instanceof Uint8Array) return { bytes: body.length }
  const length = headerValue(headers, 'content-length')
  return length !== undefined && /^\d{1,15}$/.test(length) ? { bytes: Number(length) } : 'chunked'
}

/** What the carrier says itself. */
const isReplaced = oneOf([...hopByHop, 'host', 'content-length'])
/** Nothing is there to be continued without a body. */
const isExpect = oneOf(['expect'])

export type RequestLines = Pick<Invocation, 'method' | 'target' | 'headers'>

export interface RequestHeadOptions {
  readonly host: string
  readonly framing: RequestFraming
  /** The protocol that the caller wants to switch to. */
  readonly upgrade?: string
}

/** An address as it stands in a Host header. */
export const hostOf = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** The whole head as one string: it is written in one piece, latin1, so that every byte arrives as it came. */
export function requestHead(invocation: RequestLines, { host, framing, upgrade }: RequestHeadOptions): string {
  const { headers } = invocation
  const named = namedByConnection(headerValue(headers, 'connection'))
  let head = `${invocation.method} ${invocation.target} HTTP/1.1\r\nHost: ${host}\r\n`
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] ?? ''
    if (isReplaced(name) || named?.has(name.toLowerCase())) continue
    if (framing === 'none' && isExpect(name)) continue
    head += `${headers[i]}: ${headers[i + 1]}\r\n`
  }
  if (framing === 'chunked') head += 'Transfer-Encoding: chunked\r\n'
  else if (framing !== 'none') head += `Content-Length: ${framing.bytes}\r\n`
  if (upgrade !== undefined) head += `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n`
  return `${head}\r\n`
}

/** The trailers of a body that came in chunks, as lines; none that would speak for a header. */
export function trailerLines(body: Readable): string {
  if (!(body instanceof IncomingMessage)) return ''
  let lines = ''
  const { rawTrailers } = body
  for (let i = 0; i + 1 < rawTrailers.length; i += 2) {
    if (isTrailer(rawTrailers[i] ?? '')) lines += `${rawTrailers[i]}: ${rawTrailers[i + 1]}\r\n`
  }
  return lines
}
