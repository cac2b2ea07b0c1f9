import type { IncomingMessage, ServerResponse } from 'node:http'
import { failureBody, type SkepError } from '../core/errors.ts'
import { linger } from './caller-body.ts'

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

const acceptsJson = (accept: string | undefined): boolean =>
  accept === undefined || /json|\*\/\*|application\/\*/i.test(accept)

const textOf = ({ error, hint, detail }: ReturnType<typeof failureBody>): string =>
  [error, hint, detail]
    .filter((part) => part !== undefined)
    .map((part) => `${part}\n`)
    .join('')
