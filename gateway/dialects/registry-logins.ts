import { Hono } from 'hono'
import { z } from 'zod'
import { SkepError } from '../core/errors.ts'
import { registryNamed, type RegistryLogins } from '../core/registry.ts'
import { jsonOf, parseBody } from './openfaas-types.ts'

const Registry = z.object({ registry: z.string().min(1).transform(registryNamed) })
const Login = Registry.extend({ username: z.string().min(1), password: z.string().min(1) })

/** Logins that engines get when they pull; passwords go in and never come out. */
export function registryLoginRoutes(logins: RegistryLogins): Hono {
  const app = new Hono()

  app.get('/system/registry-logins', async (c) => c.json(await logins.list()))

  app.put('/system/registry-logins', async (c) => {
    const { registry, ...login } = parseBody(Login, await jsonOf(c.req.raw))
    await logins.put(registry, login)
    return c.body(null, 204)
  })

  app.delete('/system/registry-logins', async (c) => {
    const { registry } = parseBody(Registry, await jsonOf(c.req.raw))
    if (await logins.remove(registry)) return c.body(null, 204)
    throw new SkepError('not_found', `There is no login for ${registry}.`, {
      hint: 'GET /system/registry-logins lists them.',
    })
  })

  return app
}
