import { createHmac } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { SkepError } from '../gateway/core/errors.ts'

export interface SignOptions {
  /** The header that takes the signature. */
  readonly sign?: string
  readonly key?: string
}

/** A body with the header that proves to the function that its sender knows the key, as faas-cli and GitHub sign. */
export async function signedBody(
  body: Readable,
  { sign, key }: SignOptions,
): Promise<{ readonly body: Readable; readonly headers: Readonly<Record<string, string>> }> {
  if (sign === undefined && key === undefined) return { body, headers: {} }
  if (!sign || !key) {
    throw new SkepError('invalid_request', 'A signature needs both a header and a key.', {
      hint: 'Such as --sign X-Hub-Signature-256 --key "$KEY".',
    })
  }
  const bytes = await buffer(body)
  const signature = createHmac('sha256', key).update(bytes).digest('hex')
  return { body: Readable.from([bytes]), headers: { [sign]: `sha256=${signature}` } }
}
