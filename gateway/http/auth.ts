import type { HttpBindings } from '@hono/node-server'
import { createMiddleware } from 'hono/factory'
import { SkepError } from '../core/errors.ts'
import type { Access } from '../core/tokens.ts'
import type { Throttle } from './throttle.ts'

export interface Credentials {
  /** Whether this `Authorization` is the operator's. */
  isRight(header: string | undefined): boolean
  /** What a bearer token allows; left out where there are none. */
  accessOf?(token: string): Promise<Access | undefined>
}

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Lets nobody pass without the right `Authorization`, and those who may only read do nothing else. */
export function requireCredentials(credentials: Credentials, throttle: Throttle) {
  return createMiddleware<{ Bindings: HttpBindings }>(async (c, next) => {
    const client = c.env.incoming.socket.remoteAddress ?? 'unknown'
    const wait = throttle.waitSeconds(client)
    if (wait > 0) {
      throw new SkepError('too_many_attempts', `Too many wrong passwords; wait ${wait} s.`, { retryAfterSeconds: wait })
    }
    const header = c.req.header('Authorization')
    const access = await accessOf(credentials, header)
    if (access === undefined) {
      // A request without credentials is no guess: a browser or a health check sends it in all innocence.
      if (header !== undefined) throttle.wrong(client)
      throw unauthorized()
    }
    throttle.right(client)
    if (access === 'read' && !reading.has(c.req.method)) throw onlyReads()
    return next()
  })
}

async function accessOf(credentials: Credentials, header: string | undefined): Promise<Access | undefined> {
  if (credentials.isRight(header)) return 'full'
  const token = /^bearer +(\S+)$/i.exec(header ?? '')?.[1]
  return token === undefined ? undefined : credentials.accessOf?.(token)
}

const unauthorized = (): SkepError =>
  new SkepError('unauthorized', 'invalid credentials', {
    hint: 'Log in: skep login --password …; the gateway keeps its password in the file it named at its first start.',
  })

const onlyReads = (): SkepError =>
  new SkepError('forbidden', 'This token may only read.', { hint: 'Make one that may do more: skep token create NAME' })
