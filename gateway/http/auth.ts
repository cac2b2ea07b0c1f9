import type { HttpBindings } from '@hono/node-server'
import { createMiddleware } from 'hono/factory'
import { SkepError } from '../core/errors.ts'
import type { Access, Token } from '../core/tokens.ts'
import { basicOf } from './basic.ts'
import { Throttle } from './throttle.ts'

export interface Credentials {
  /** Whether this `Authorization` is the operator's. */
  isRight(header: string | undefined): boolean
  /** The token that this is; left out where there are none. */
  findToken?(token: string): Promise<Token | undefined>
}

export interface Asking {
  /** Its address: who guesses from there is slowed down. */
  readonly client: string | undefined
  readonly method: string
  readonly authorization: string | undefined
}

/** Lets a request pass and tells whose it is: the name that was logged in with, or that of a token. Rejects when it may not. */
export type Admit = (asking: Asking) => Promise<string | undefined>

declare module 'hono' {
  interface ContextVariableMap {
    /** Who asks. */
    user: string | undefined
  }
}

interface Caller {
  readonly access: Access
  readonly user: string | undefined
}

const reading: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Lets nobody pass without the right `Authorization`, and those who may only read do nothing else. */
export function admission(credentials: Credentials): Admit {
  const throttle = new Throttle()
  return async ({ client = 'unknown', method, authorization }) => {
    const wait = throttle.waitSeconds(client)
    if (wait > 0) {
      throw new SkepError('too_many_attempts', `Too many wrong passwords; wait ${wait} s.`, {
        retryAfterSeconds: wait,
        hint: 'Look where the password is: docs/SETTINGS.md says it.',
      })
    }
    const caller = await callerOf(credentials, authorization)
    if (caller === undefined) {
      // A request without credentials is no guess: a browser or a health check sends it in all innocence.
      if (authorization !== undefined) throttle.wrong(client)
      throw unauthorized()
    }
    throttle.right(client)
    if (caller.access === 'read' && !reading.has(method)) throw onlyReads()
    return caller.user
  }
}

export function requireCredentials(admit: Admit) {
  return createMiddleware<{ Bindings: HttpBindings }>(async (c, next) => {
    const client = c.env.incoming.socket.remoteAddress
    c.set('user', await admit({ client, method: c.req.method, authorization: c.req.header('Authorization') }))
    return next()
  })
}

/** A token comes as `Bearer`, or as the password of any user: `docker login` and other clients know nothing else. */
async function callerOf(credentials: Credentials, header: string | undefined): Promise<Caller | undefined> {
  const basic = basicOf(header)
  if (credentials.isRight(header)) return { access: 'full', user: basic?.user }
  const given = basic ? basic.password : /^bearer +(\S+)$/i.exec(header ?? '')?.[1]
  const token = given === undefined ? undefined : await credentials.findToken?.(given)
  return token && { access: token.access, user: `token ${token.name}` }
}

const unauthorized = (): SkepError =>
  new SkepError('unauthorized', 'invalid credentials', {
    hint: 'Log in: skep login --password …; the gateway keeps its password in the file it named at its first start.',
  })

const onlyReads = (): SkepError =>
  new SkepError('forbidden', 'This token may only read.', { hint: 'Make one that may do more: skep token create NAME' })
