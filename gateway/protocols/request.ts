import type { Readable } from 'node:stream'
import { SkepError } from '../core/errors.ts'
import type { Invocation } from '../core/invocation.ts'
import type { HttpRequest } from './protocol.ts'

/** What Lambda takes at once; an event is held in memory several times. */
const maxEventBytes = 6 * 1024 ** 2

/** The whole body. Rejects with `body_too_large`, or `caller_left`. */
export async function readWhole(body: Readable | Uint8Array | undefined, maxBodyBytes: number): Promise<Buffer> {
  if (body === undefined) return Buffer.alloc(0)
  if (body instanceof Uint8Array) return Buffer.from(body)
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of whole(body)) {
    bytes += chunk.length
    if (bytes > Math.min(maxBodyBytes, maxEventBytes)) throw tooLarge(Math.min(maxBodyBytes, maxEventBytes))
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function* whole(body: Readable): AsyncIterable<Buffer> {
  try {
    // The stream is not ended here: what is left of it is the caller’s affair.
    yield* body.iterator({ destroyOnReturn: false })
  } catch (cause) {
    throw new SkepError('caller_left', 'The caller left in the middle of the body.', { cause, hint: undefined })
  }
}

export function requestOf({ method, target, headers }: Invocation): HttpRequest {
  const joined: Record<string, string> = {}
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = (headers[i] ?? '').toLowerCase()
    const value = headers[i + 1] ?? ''
    const before = joined[name]
    joined[name] = before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ','}${value}`
  }
  return { method, url: target, headers: joined, httpVersion: '1.1', socket: {} }
}

const tooLarge = (bytes: number): SkepError =>
  new SkepError('body_too_large', `The request body is larger than the ${bytes} bytes that an event may have.`, {
    hint: 'Send less, or put the data somewhere and send its address.',
  })
