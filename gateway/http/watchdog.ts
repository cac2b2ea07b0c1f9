import { headerValue } from '../core/header-value.ts'
import type { Invocation } from '../core/invocation.ts'

// What the watchdogs of OpenFaaS do, which stand in an image before the function: measured with of-watchdog 0.9.12 and
// 0.10.11 and with classic-watchdog 0.2.2 and 0.3.7. Their answers look like these because Go's server writes them so.

const date = String.raw`Date: [^\r\n]+\r\n`
const close = String.raw`(?:Connection: close\r\n)?\r\n`

/** How both answer `/_/health`. */
const health = new RegExp(
  String.raw`^HTTP/1\.1 200 OK\r\n${date}Content-Length: 2\r\nContent-Type: text/plain; charset=utf-8\r\n${close}`,
)
/** How of-watchdog answers `/_/ready`, whether its function listens or not. */
const ready = new RegExp(String.raw`^HTTP/1\.1 200 OK\r\n${date}Content-Length: 0\r\n${close}`)

export const isWatchdogsHealth = (answer: string): boolean => health.test(answer)

/** Nothing is known of the function yet. */
export const isWatchdogsReady = (answer: string): boolean => ready.test(answer)

/**
 * The classic watchdog takes `/_/ready` for an invocation, and would run the function. It reads the request's body before
 * that: on a broken one it answers 400 and runs nothing. of-watchdog does not read it.
 */
export const brokenBody = { header: 'Transfer-Encoding: chunked\r\n', body: 'no chunk\r\n' }

/** What stands in an answer of the watchdog's own; an answer of the function says at least one thing more. */
const ownHeaders: ReadonlySet<string> = new Set(['date', 'content-length', 'x-duration-seconds', 'x-openfaas-internal'])

/**
 * Whether of-watchdog says in this way that its function took no connection: an empty 500 with the time that it took; to
 * a request for an event stream, an empty 200.
 */
export function isEarlyAnswer(
  request: Pick<Invocation, 'headers'>,
  status: number,
  headers: readonly string[],
): boolean {
  if (status !== 500 && status !== 200) return false
  for (let i = 0; i < headers.length; i += 2) if (!ownHeaders.has((headers[i] ?? '').toLowerCase())) return false
  if ((headerValue(headers, 'content-length') ?? '0') !== '0') return false
  const measured = headerValue(headers, 'x-duration-seconds') !== undefined
  return status === 500 ? measured : !measured && wantsStream(headerValue(request.headers, 'accept'))
}

const wantsStream = (accept: string | undefined): boolean =>
  accept !== undefined && /^(?:text\/event-stream|application\/x-ndjson)/.test(accept)
