import { lookup } from 'node:dns'
import * as http from 'node:http'
import * as https from 'node:https'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { messageOf, SkepError } from '../core/errors.ts'
import type { QueuedCall } from '../core/queue.ts'
import { parseRetryAfter } from '../core/retry.ts'
import type { RunEnd } from '../core/retry.ts'
import type { CallbackGuard } from './callback-guard.ts'

/** A receiver is only asked for a status: it gets a minute for it, and no more than this of its answer is read. */
const timeoutMs = 60_000
const maxAnswerBytes = 64 * 1024

/** The address in an `X-Callback-Url`; throws unless it could be called. Where its name leads is checked when it is called. */
export function callbackUrl(text: string, guard: CallbackGuard): URL {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new SkepError('invalid_request', `X-Callback-Url "${text}" is not an http or https address.`, {
      hint: 'Send an absolute URL, such as https://example.com/hook.',
    })
  }
  const host = hostOf(url)
  if (isIP(host) !== 0) guard(host, host)
  return url
}

/** Posts an answer back. Redirects are not followed: they would lead around the guard. */
export async function sendCallback(call: QueuedCall, guard: CallbackGuard, signal: AbortSignal): Promise<RunEnd> {
  const { target, headers, body } = call
  try {
    const url = callbackUrl(target, guard)
    const { request } = url.protocol === 'https:' ? https : http
    return await new Promise((resolve, reject) => {
      const outgoing = request(url, {
        method: 'POST',
        agent: false, // a kept connection would be used again without asking where the name leads by then
        lookup: guardedLookup(guard),
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      for (let i = 0; i + 1 < headers.length; i += 2) outgoing.appendHeader(headers[i] ?? '', headers[i + 1] ?? '')
      outgoing.on('error', reject)
      outgoing.on('response', (answer) => {
        resolve(endOf(answer))
        readAtMost(answer, maxAnswerBytes)
      })
      outgoing.end(body)
    })
  } catch (error) {
    return { kind: 'failed', error: error instanceof SkepError ? error : unreachable(target, error) }
  }
}

function endOf({ statusCode = 0, headers }: http.IncomingMessage): RunEnd {
  return { kind: 'answered', status: statusCode, retryAfterMs: parseRetryAfter(headers['retry-after']) }
}

function readAtMost(answer: http.IncomingMessage, bytes: number): void {
  let read = 0
  answer.on('data', (chunk: Buffer) => {
    read += chunk.length
    if (read > bytes) answer.destroy()
  })
  answer.on('error', () => undefined) // the status is all that counts, and it is here
}

/** Resolves the name once and lets the connection go nowhere else: a second question could get another answer. */
function guardedLookup(guard: CallbackGuard): LookupFunction {
  return (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, [])
      try {
        for (const { address } of addresses) guard(host, address)
      } catch (refused) {
        return done(refused as Error, [])
      }
      const [first] = addresses
      if (options.all) done(null, addresses)
      else done(null, first?.address ?? '', first?.family)
    })
  }
}

/** Without the brackets of an IPv6 address. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

function unreachable(url: string, cause: unknown): SkepError {
  if (cause instanceof Error && cause.cause instanceof SkepError) return cause.cause
  return new SkepError('upstream_failed', `${url} could not be called back: ${messageOf(cause)}.`, {
    cause,
    hint: 'See that it takes a POST from the gateway.',
  })
}
