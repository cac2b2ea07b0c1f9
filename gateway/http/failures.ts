import type { IncomingMessage, ServerResponse } from 'node:http'
import { failureBody, type SkepError } from '../core/errors.ts'

const lingerMs = 2000

export interface FailureOptions {
  /** The caller has credentials and may see the error's detail. */
  readonly withDetail: boolean
  /** Name, value … to add. */
  readonly headers?: readonly string[]
  /** What came on this connection was ambiguous: nothing more is read from it. */
  readonly close?: boolean
}

/** The one place where an error becomes the answer of an invocation or of the edge itself. */
export function respondFailure(
  req: IncomingMessage,
  res: ServerResponse,
  error: SkepError,
  options: FailureOptions,
): void {
  const json = acceptsJson(req.headers.accept)
  const body = failureBody(error, options.withDetail)
  const text = json ? `${JSON.stringify(body)}\n` : textOf(body)
  const headers = [
    'Content-Type',
    json ? 'application/json' : 'text/plain; charset=utf-8',
    'Content-Length',
    String(Buffer.byteLength(text)),
    'X-Skep-Error',
    error.code,
    ...(options.headers ?? []),
  ]
  if (error.retryAfterSeconds !== undefined) headers.push('Retry-After', String(Math.ceil(error.retryAfterSeconds)))
  if (options.close) res.shouldKeepAlive = false
  res.writeHead(error.status, headers)
  res.end(text)
  linger(req)
}

/**
 * Reads on for a moment what the caller still sends of a body that nobody wants: closing at once would reset the
 * connection, and the reset can overtake the answer.
 */
export function linger(req: IncomingMessage): void {
  if (req.complete || req.destroyed) return
  const timer = setTimeout(() => req.socket.destroy(), lingerMs)
  req.once('close', () => clearTimeout(timer))
  req.resume()
}

const acceptsJson = (accept: string | undefined): boolean =>
  accept === undefined || /json|\*\/\*|application\/\*/i.test(accept)

const textOf = ({ error, hint, detail }: ReturnType<typeof failureBody>): string =>
  [error, hint, detail]
    .filter((part) => part !== undefined)
    .map((part) => `${part}\n`)
    .join('')
