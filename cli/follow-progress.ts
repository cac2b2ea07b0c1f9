import type { IncomingMessage } from 'node:http'
import { type ErrorCode, SkepError } from '../gateway/core/errors.ts'
import { errorFrom, type ErrorBody } from './gateway-error.ts'
import { bodyOf } from './http-request.ts'
import { linesOf } from './ndjson.ts'

/** What a gateway says at the end; one that is not Skep's says nothing. */
export interface Done {
  readonly revision?: number
  /** It served already. */
  readonly unchanged?: boolean
  readonly image?: string
}

interface ProgressLine {
  readonly message?: string
  readonly error?: ErrorBody
  readonly done?: Done
}

interface Follower {
  readonly progress: (message: string) => void
  /** The code of what was understood and begun, and then could not be done: that is no wrong input. */
  readonly failed: ErrorCode
}

/** A gateway may tell its progress line by line; the last line then says how it ended. */
export async function followProgress(answer: IncomingMessage, { progress, failed }: Follower): Promise<Done> {
  if (!answer.headers['content-type']?.startsWith('application/x-ndjson')) {
    await bodyOf(answer)
    return {}
  }
  for await (const line of linesOf(answer)) {
    const { message, error, done } = JSON.parse(line) as ProgressLine
    if (error) throw errorFrom(error.code === 'invalid_request' ? { ...error, code: failed } : error)
    if (done) return done
    if (message !== undefined) progress(message)
  }
  throw new SkepError('upstream_failed', 'The gateway stopped talking before it was done.', {
    hint: 'See "skep describe NAME" for what is there now, and try again.',
  })
}
