import { SkepError } from '../core/errors.ts'

export const unreachable = (host: string, cause: Error | undefined): SkepError =>
  new SkepError('upstream_failed', 'A replica of the function cannot be reached.', {
    cause,
    hint: 'It may just have ended: try again, and look at the function’s log.',
    detail: `${host}: ${cause?.message ?? 'it hung up'}`,
  })

export const lost = (cause: Error | undefined): SkepError =>
  new SkepError('upstream_failed', 'The function broke the connection off before it had answered.', {
    cause,
    hint: 'It may have crashed: look at its log. The request was not repeated, because it may have had an effect.',
  })
