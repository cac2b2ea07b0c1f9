import { Hono } from 'hono'
import { z } from 'zod'
import { defaultNamespace } from '../core/names.ts'
import type { Skep } from '../core/skep.ts'
import { FunctionName, SecretName } from '../core/names.ts'
import { jsonOf, parseBody } from './openfaas-types.ts'

const Named = z.object({ name: SecretName, namespace: z.union([z.literal(''), FunctionName]).nullish() })
/** Clients that read a file send its bytes as `rawValue`, and as `value` a text that may have lost some of them. */
const Valued = Named.extend({ value: z.string().nullish(), rawValue: z.base64().nullish() })

/** The secrets of OpenFaaS's API: their names come out, their values never. */
export function secretRoutes({ secrets }: Skep): Hono {
  const app = new Hono()

  app.get('/system/secrets', async (c) => {
    const listed = await secrets.list(c.req.query('namespace') || defaultNamespace)
    return c.json(listed.map(({ name, namespace }) => ({ name, namespace })))
  })

  app.post('/system/secrets', async (c) => {
    const body = parseBody(Valued, await jsonOf(c.req.raw))
    await secrets.create(secretOf(body, c.req.query('namespace')), valueOf(body))
    return c.body(null, 201)
  })

  app.put('/system/secrets', async (c) => {
    const body = parseBody(Valued, await jsonOf(c.req.raw))
    await secrets.update(secretOf(body, c.req.query('namespace')), valueOf(body))
    return c.body(null, 200)
  })

  // Clients take 204 for a failure.
  app.delete('/system/secrets', async (c) => {
    const body = parseBody(Named, await jsonOf(c.req.raw))
    await secrets.remove(secretOf(body, c.req.query('namespace')))
    return c.body(null, 202)
  })

  return app
}

function secretOf({ name, namespace }: z.infer<typeof Named>, query: string | undefined) {
  return { name, namespace: namespace || query || defaultNamespace }
}

function valueOf({ value, rawValue }: z.infer<typeof Valued>): Uint8Array {
  return rawValue ? Buffer.from(rawValue, 'base64') : Buffer.from(value ?? '')
}
