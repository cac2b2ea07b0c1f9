import { Hono } from 'hono'
import { z } from 'zod'
import type { Namespace } from '../core/namespaces.ts'
import type { Skep } from '../core/skep.ts'
import { FunctionName } from '../core/names.ts'
import { jsonOf, parseBody } from './openfaas-types.ts'

const Notes = z.record(z.string(), z.string()).nullish()
const Body = z.object({ name: FunctionName, labels: Notes, annotations: Notes })

/** The namespaces of OpenFaaS's API. Clients make one at a path that ends in a slash, and change it at its name's. */
export function namespaceRoutes({ namespaces }: Skep): Hono {
  const app = new Hono()

  app.get('/system/namespaces', async (c) => c.json(await namespaces.list()))

  app.on('POST', ['/system/namespace/', '/system/namespace/:name'], async (c) => {
    await namespaces.create(await namespaceOf(c.req.raw, c.req.param('name')))
    return c.body(null, 201)
  })

  app.get('/system/namespace/:name', async (c) => {
    const { name, labels, annotations } = await namespaces.get(c.req.param('name'))
    return c.json({ name, labels, annotations })
  })

  app.put('/system/namespace/:name', async (c) => {
    await namespaces.update(await namespaceOf(c.req.raw, c.req.param('name')))
    return c.body(null, 202)
  })

  app.delete('/system/namespace/:name', async (c) => {
    await namespaces.remove(c.req.param('name'))
    return c.body(null, 202)
  })

  return app
}

/** The path's name counts; the body repeats it. */
async function namespaceOf(request: Request, name: string | undefined): Promise<Namespace> {
  const body = await jsonOf(request)
  const given = name === undefined ? body : { ...Object(body), name }
  const { labels, annotations, ...rest } = parseBody(Body, given)
  return { ...rest, labels: labels ?? {}, annotations: annotations ?? {} }
}
