import { SkepError } from '../core/errors.ts'

export const idTaken = (id: string): SkepError =>
  new SkepError('conflict', `There is already a call "${id}".`, {
    hint: 'Leave X-Call-Id out; use Idempotency-Key for a request that may be sent twice.',
  })

export const queueFull = (maxBytes: number): SkepError =>
  new SkepError('queue_full', `The queue holds all the ${Math.floor(maxBytes / 1024 / 1024)} MiB that it may hold.`, {
    hint: 'Wait until calls are done, purge dead letters that nobody needs, or let the queue grow.',
    retryAfterSeconds: 5,
  })
