import type { HttpBindings } from '@hono/node-server'
import { createMiddleware } from 'hono/factory'
import { SkepError } from '../core/errors.ts'
import type { Access, Token } from '../core/tokens.ts'
import type { Throttle } from './throttle.ts'
import { userOf } from './user.ts'

export interface Credentials {
  /** Whether this `Authorization` is the operator's. */
  isRight(header: string | undefined): boolean
  /** The bearer token that this is; left out where there are none. */
  findToken?(token: string): Promise<Token | undefined>
}

declare module 'hono' {
  interface ContextVariableMap {
    /** Who asks: the name that was logged in with, or that of a token. */
    user: string | undefined
  }
}

interface Caller {
  readonly access: Access
  readonly user: string | undefined
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
    const caller = await callerOf(credentials, header)
    if (caller === undefined) {
      // A request without credentials is no guess: a browser or a health check sends it in all innocence.
      if (header !== undefined) throttle.wrong(client)
      throw unauthorized()
    }
    throttle.right(client)
    if (caller.access === 'read' && !reading.has(c.req.method)) throw onlyReads()
    c.set('user', caller.user)
    return next()
  })
}

async function callerOf(credentials: Credentials, header: string | undefined): Promise<Caller | undefined> {
  if (credentials.isRight(header)) return { access: 'full', user: userOf(header) }
  const given = /^bearer +(\S+)$/i.exec(header ?? '')?.[1]
  const token = given === undefined ? undefined : await credentials.findToken?.(given)
  return token && { access: token.access, user: `token ${token.name}` }
}

const unauthorized = (): SkepError =>
  new SkepError('unauthorized', 'invalid credentials', {
    hint: 'Log in: skep login --password …; the gateway keeps its password in the file it named at its first start.',
  })

const onlyReads = (): SkepError =>
  new SkepError('forbidden', 'This token may only read.', { hint: 'Make one that may do more: skep token create NAME' })
