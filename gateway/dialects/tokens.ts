import { Hono } from 'hono'
import { z } from 'zod'
import { FunctionName } from '../core/names.ts'
import { Access, type Tokens } from '../core/tokens.ts'
import { Duration } from '../core/unit-schemas.ts'
import { parseDuration } from '../core/units.ts'
import { jsonOf, parseBody } from './openfaas-types.ts'

const Lifetime = Duration.refine((text) => parseDuration(text) !== 0, 'a token that expires at once is of no use')
const Wish = z.strictObject({ name: FunctionName, access: Access.default('full'), expiresIn: Lifetime.optional() })
const Named = z.object({ name: z.string().min(1) })

/** Tokens that programs send as `Authorization: Bearer`. */
export function tokenRoutes(tokens: Tokens): Hono {
  const app = new Hono()

  app.get('/system/tokens', async (c) => c.json(await tokens.list()))

  app.post('/system/tokens', async (c) => {
    const { name, access, expiresIn } = parseBody(Wish, await jsonOf(c.req.raw))
    const lifetimeMs = expiresIn === undefined ? undefined : parseDuration(expiresIn)
    return c.json({ name, access, token: await tokens.create({ name, access, lifetimeMs }) }, 201)
  })

  app.delete('/system/tokens', async (c) => {
    await tokens.revoke(parseBody(Named, await jsonOf(c.req.raw)).name)
    return c.body(null, 204)
  })

  return app
}
