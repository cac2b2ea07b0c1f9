import type { Readable } from 'node:stream'
import { headerValue } from './header-value.ts'
import type { Invocation } from './invocation.ts'

/**
 * A copy of a body as it passes by on its way to the function. Undefined at once for one that is too long or does not say
 * how long it is; resolves with undefined when less or more than that came by.
 */
export function passingBody(
  { body, headers }: Invocation,
  maxBytes: number,
): Promise<{ body: Uint8Array | undefined } | undefined> | undefined {
  if (body === undefined) return Promise.resolve({ body })
  const length = body instanceof Uint8Array ? body.length : Number(headerValue(headers, 'content-length') ?? NaN)
  if (!(length <= maxBytes)) return undefined
  return body instanceof Uint8Array ? Promise.resolve({ body }) : listenTo(body, length)
}

async function listenTo(body: Readable, length: number): Promise<{ body: Uint8Array } | undefined> {
  const chunks: Buffer[] = []
  // A listener of ours alone would make the body flow before the carrier is there to take it: ours comes with the carrier's.
  const join = (event: string | symbol): void => {
    if (event !== 'data') return
    body.off('newListener', join)
    body.on('data', (chunk: Buffer) => chunks.push(chunk))
  }
  body.on('newListener', join)
  await new Promise((resolve) => body.once('end', resolve).once('close', resolve))
  const whole = Buffer.concat(chunks)
  return whole.length === length ? { body: whole } : undefined
}
