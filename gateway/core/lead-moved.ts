import { SkepError } from './errors.ts'

/** Whoever asked for the change has it made by the gateway that leads by now. */
export const leadMoved = (): SkepError =>
  new SkepError('lead_moved', 'Another gateway leads by now, so nothing was changed.', {
    hint: 'Send it again.',
    retryAfterSeconds: 5,
  })
