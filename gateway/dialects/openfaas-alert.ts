import { Hono } from 'hono'
import { z } from 'zod'
import { replicasAfterAlert } from '../core/alert.ts'
import type { Skep } from '../core/skep.ts'
import { jsonOf, parseBody } from './openfaas-types.ts'

/** What Alertmanager posts, as far as it matters here. */
const Webhook = z.object({
  alerts: z.array(
    z.object({ status: z.enum(['firing', 'resolved']), labels: z.object({ function_name: z.string().min(1) }) }),
  ),
})

/** `POST /system/alert`: the autoscaler of OpenFaaS' community edition, for those who keep their Prometheus rules. */
export function alertRoute(skep: Skep): Hono {
  const app = new Hono()

  app.post('/system/alert', async (c) => {
    const { alerts } = parseBody(Webhook, await jsonOf(c.req.raw))
    const wanted = alerts.map(({ status, labels: { function_name: name } }) => {
      const { pool } = skep.get(name)
      return { name, replicas: replicasAfterAlert(status, pool.desired, pool.policy) }
    })
    for (const { name, replicas } of wanted) if (replicas !== undefined) await skep.scale(name, replicas)
    return c.body(null, 200)
  })

  return app
}
