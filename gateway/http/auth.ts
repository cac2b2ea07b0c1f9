import type { HttpBindings } from '@hono/node-server'
import { createMiddleware } from 'hono/factory'
import { SkepError } from '../core/errors.ts'
import type { Throttle } from './throttle.ts'

/** Lets nobody pass without the right `Authorization`. */
export function requireCredentials(isRight: (header: string | undefined) => boolean, throttle: Throttle) {
  return createMiddleware<{ Bindings: HttpBindings }>(async (c, next) => {
    const client = c.env.incoming.socket.remoteAddress ?? 'unknown'
    const wait = throttle.waitSeconds(client)
    if (wait > 0) {
      throw new SkepError('too_many_attempts', `Too many wrong passwords; wait ${wait} s.`, { retryAfterSeconds: wait })
    }
    const header = c.req.header('Authorization')
    if (!isRight(header)) {
      // A request without credentials is no guess: a browser or a health check sends it in all innocence.
      if (header !== undefined) throttle.wrong(client)
      const hint =
        'Log in: skep login --password …; the gateway keeps its password in the file it named at its first start.'
      throw new SkepError('unauthorized', 'invalid credentials', { hint })
    }
    throttle.right(client)
    return next()
  })
}
