import { SkepError } from '../core/errors.ts'
import type { ImageAnswer } from './protocol.ts'

/** The image’s answer as JSON, or `upstream_invalid` with what it said instead. */
export function jsonOf({ status, text }: ImageAnswer): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SkepError('upstream_invalid', `The function’s image answered ${status} with what is no JSON.`, {
      cause,
      detail: text.slice(0, 1000),
      hint: 'Look at its log, and whether the protocol of the function is the one of its image.',
    })
  }
}
