import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { Log } from '../core/ports.ts'
import type { Skep } from '../core/skep.ts'
import { defaultNamespace, functionKey } from '../core/names.ts'
import { logsRoute } from './openfaas-logs.ts'
import { alertRoute } from './openfaas-alert.ts'
import { addressOf, deployingOf, goBoolean, jsonOf, parseBody, specOf, statusOf, usageOf } from './openfaas-types.ts'
import { withProgress } from './with-progress.ts'

const Removal = z.object({ functionName: z.string().min(1), namespace: z.string().nullish() })
const Scaling = z.object({ replicas: z.int().min(0), namespace: z.string().nullish() })

/** The OpenFaaS admin API, which is also Skep's own. Mounted behind the credentials. */
export function openfaasRoutes(skep: Skep, version: string, log: Log): Hono {
  const app = new Hono()

  app.get('/system/functions', (c) => {
    const namespace = c.req.query('namespace') || defaultNamespace
    return c.json(
      skep
        .list()
        .map(statusOf)
        .filter((status) => status.namespace === namespace),
    )
  })

  app.post('/system/functions', async (c) => deploy(c, await jsonOf(c.req.raw)))

  // Clients try PUT first and POST after a 404.
  app.put('/system/functions', async (c) => {
    const body = await jsonOf(c.req.raw)
    skep.get(functionKey(specOf(body)))
    return deploy(c, body)
  })

  app.delete('/system/functions', async (c) => {
    const { functionName, namespace } = parseBody(Removal, await jsonOf(c.req.raw))
    await skep.remove(addressOf(functionName, namespace || c.req.query('namespace')))
    return c.body(null, 202)
  })

  app.get('/system/function/:name', async (c) => {
    const address = addressOf(c.req.param('name'), c.req.query('namespace'))
    const status = statusOf(skep.get(address))
    if (!goBoolean(c.req.query('usage'))) return c.json(status)
    return c.json({ ...status, usage: usageOf(await skep.usage(address)) })
  })

  app.post('/system/scale-function/:name', async (c) => {
    const { replicas, namespace } = parseBody(Scaling, await jsonOf(c.req.raw))
    await skep.scale(addressOf(c.req.param('name'), namespace || c.req.query('namespace')), replicas)
    return c.body(null, 202)
  })

  app.get('/system/info', (c) => {
    const release = { release: version, sha: '' }
    const arch = process.arch === 'x64' ? 'x86_64' : process.arch
    return c.json({
      provider: { provider: 'skep', orchestration: skep.provider, version: release },
      version: release,
      arch,
    })
  })

  app.route('/', logsRoute(skep))
  app.route('/', alertRoute(skep))

  function deploy(c: Context, body: unknown): Response | Promise<Response> {
    const spec = specOf(body)
    const how = { ...deployingOf(body), by: c.get('user') }
    if (!c.req.header('Accept')?.includes('application/x-ndjson')) {
      return skep.deploy(spec, how).then(() => new Response(null, { status: 202 }))
    }
    // A client who left does not stop the deploy, so that a broken line leaves no half of one.
    return withProgress(log, async (progress) => {
      const { revision, unchanged } = await skep.deploy(spec, { ...how, progress })
      return { name: revision.function, revision: revision.number, ...(unchanged && { unchanged }) }
    })
  }

  return app
}
