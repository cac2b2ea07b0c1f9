import type { QueuedAnswer, QueuedCall } from '../core/queue.ts'

type Request = Pick<QueuedCall, 'target' | 'headers' | 'body'>
type Head<T extends { body: unknown }> = Omit<T, 'body'>

export const requestToBytes = ({ target, headers, body }: Request): Buffer => frame({ target, headers }, body)
export const requestFromBytes = (bytes: Uint8Array): Request => unframe<Request>(bytes)

export function answerToBytes({ status, headers, truncated, durationMs, body }: QueuedAnswer): Buffer {
  return frame({ status, headers, truncated, durationMs }, body)
}
export const answerFromBytes = (bytes: Uint8Array): QueuedAnswer => unframe<QueuedAnswer>(bytes)

/** The head's length in four bytes, the head as JSON, then the body as it is: base64 would cost a third more of everything. */
function frame(head: object, body: Uint8Array): Buffer {
  const text = JSON.stringify(head)
  const headLength = Buffer.byteLength(text)
  const bytes = Buffer.allocUnsafe(4 + headLength + body.byteLength)
  bytes.writeUInt32BE(headLength)
  bytes.write(text, 4)
  bytes.set(body, 4 + headLength)
  return bytes
}

function unframe<T extends { body: unknown }>(bytes: Uint8Array): T & { body: Buffer } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = 4 + buffer.readUInt32BE()
  // Written by `frame`, and by nobody else.
  const head = JSON.parse(buffer.toString('utf8', 4, end)) as Head<T>
  return { ...head, body: buffer.subarray(end) } as unknown as T & { body: Buffer }
}
