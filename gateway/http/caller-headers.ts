import type { IncomingMessage } from 'node:http'
import { isHopByHop, namedByConnection } from './headers.ts'

/** What the edge says about a request, to the function and to the caller. */
export interface Stamp {
  readonly callId: string
  /** Unix time in nanoseconds. */
  readonly startTime: string
}

/** Written by Skep alone; `x-skep-revision` is the caller's wish for one revision. */
const isOurs = (name: string): boolean =>
  name === 'x-call-id' || name === 'x-start-time' || (name.startsWith('x-skep-') && name !== 'x-skep-revision')

/** Who is on the way: believed only from a proxy that we were told to trust. */
const isForwarding = (name: string): boolean => name.startsWith('x-forwarded-') || name === 'forwarded'

/** Whether the caller may not say this. */
function isWithheld(raw: string, trustProxy: boolean): boolean {
  const first = raw.charCodeAt(0) | 32
  if (first !== 120 && first !== 102) return false // most headers begin with neither x nor f
  const name = raw.toLowerCase().replaceAll('_', '-') // to CGI and WSGI, X_Forwarded_For is X-Forwarded-For
  return isOurs(name) || (isForwarding(name) && !(trustProxy && name !== 'x-forwarded-for'))
}

/**
 * The caller's headers for the function, end to end. What a `Connection` header names is dropped here and not later,
 * so that a caller cannot take away what Skep adds.
 */
export function callerHeaders(req: IncomingMessage, stamp: Stamp, trustProxy: boolean): string[] {
  const raw = req.rawHeaders
  const named = namedByConnection(req.headers.connection)
  const headers: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    if (isHopByHop(name) || named?.has(name.toLowerCase()) || isWithheld(name, trustProxy)) continue
    headers.push(name, raw[i + 1] ?? '')
  }
  headers.push('X-Call-Id', stamp.callId, 'X-Start-Time', stamp.startTime)
  addForwarded(headers, req, trustProxy)
  return headers
}

function addForwarded(headers: string[], req: IncomingMessage, trustProxy: boolean): void {
  const { headers: known, socket } = req
  const before = known['x-forwarded-for']
  const address = (socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '') // IPv4 on a socket that takes both
  headers.push('X-Forwarded-For', before === undefined ? address : `${String(before)}, ${address}`)
  if (!trustProxy || known['x-forwarded-proto'] === undefined) headers.push('X-Forwarded-Proto', 'http')
  if (known.host !== undefined && (!trustProxy || known['x-forwarded-host'] === undefined)) {
    headers.push('X-Forwarded-Host', known.host)
  }
}
