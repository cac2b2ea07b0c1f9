import type { IncomingMessage } from 'node:http'
import { SkepError } from '../core/errors.ts'
import { targetProblem } from './target.ts'

export const maxHeaders = 100

/** Why a request must not go on, whoever would answer it: what Node lets pass and two readers could read differently. */
export function requestProblem(req: IncomingMessage): SkepError | undefined {
  const target = targetProblem(req.url ?? '')
  if (target !== undefined) {
    return new SkepError('invalid_target', target, {
      hint: 'Send the plain path; encode such characters in the query.',
    })
  }
  if (req.rawHeaders.length > 2 * maxHeaders) {
    return new SkepError('headers_too_large', `The request has more than ${maxHeaders} headers.`, {
      hint: 'Send fewer headers.',
    })
  }
  const framing = framingProblem(req)
  return framing === undefined
    ? undefined
    : new SkepError('invalid_request', framing, { hint: 'Send one unambiguous HTTP/1.1 request.' })
}

function framingProblem(req: IncomingMessage): string | undefined {
  if (req.httpVersionMajor !== 1) return `HTTP/${req.httpVersion} is not spoken here.`
  const coding = req.headers['transfer-encoding']
  if (coding !== undefined) {
    if (req.httpVersionMinor === 0) return 'HTTP/1.0 has no Transfer-Encoding.'
    if (coding.toLowerCase() !== 'chunked') return 'The transfer coding is not "chunked".'
  }
  const hosts = hostsOf(req.rawHeaders)
  if (hosts > 1) return 'The request has more than one Host.'
  return hosts === 0 && req.httpVersionMinor > 0 ? 'The request has no Host.' : undefined
}

function hostsOf(rawHeaders: readonly string[]): number {
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts
}
