import type { IncomingMessage } from 'node:http'
import { SkepError } from '../core/errors.ts'

/** The whole body as it came, or `body_too_large` before more of it than that was read. */
export function readBody(req: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // Node tells nothing more of a request without a body.
    if (req.readableEnded) return resolve(Buffer.alloc(0))
    const announced = Number(req.headers['content-length'] ?? 0)
    if (announced > maxBytes) return reject(tooLarge(maxBytes))
    const chunks: Buffer[] = []
    let bytes = 0
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) reject(tooLarge(maxBytes))
      else chunks.push(chunk)
    })
    req.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    req.on('error', reject)
    req.on('close', () => {
      if (!req.complete)
        reject(new SkepError('caller_left', 'The caller left in the middle of the body.', { hint: undefined }))
    })
  })
}

const tooLarge = (maxBytes: number): SkepError =>
  new SkepError('body_too_large', `The body is larger than the ${maxBytes} bytes that a waiting call may have.`, {
    hint: 'Put the data somewhere and send its address, or raise SKEP_ASYNC_MAX_BODY.',
  })
