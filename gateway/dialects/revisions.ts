import { Hono } from 'hono'
import { z } from 'zod'
import type { DeployedFunction } from '../core/function.ts'
import type { Skep } from '../core/skep.ts'
import { addressOf, jsonOf, parseBody } from './openfaas-types.ts'
import { trafficRoutes } from './traffic.ts'

const Rollback = z.strictObject({ to: z.int().min(1).optional() })
/** What OpenFaaS has no words for: a function's revisions. */
export function revisionRoutes(skep: Skep): Hono {
  const app = new Hono()

  app.get('/system/revisions/:name', (c) => {
    return c.json(revisionsOf(skep.get(addressOf(c.req.param('name'), c.req.query('namespace')))))
  })

  app.post('/system/rollback/:name', async (c) => {
    const { to } = parseBody(Rollback, await jsonOf(c.req.raw))
    const { number } = await skep.rollback(addressOf(c.req.param('name'), c.req.query('namespace')), to)
    return c.json({ revision: number })
  })

  app.route('/', trafficRoutes(skep))
  return app
}

function revisionsOf(found: DeployedFunction) {
  const noteOf = (number: number): string | undefined =>
    found.canaryNote?.revision === number ? found.canaryNote.text : undefined
  const weights = new Map(found.shares.map(({ revision, weight }) => [revision, weight]))
  return found.pools.map(({ revision, desired, available, inFlight }) => ({
    number: revision.number,
    weight: weights.get(revision.number) ?? 0,
    image: revision.spec.image,
    digest: revision.digest,
    message: revision.message,
    by: revision.by,
    canary: noteOf(revision.number),
    createdAt: revision.createdAt,
    replicas: desired,
    availableReplicas: available,
    inFlight,
    spec: revision.spec,
  }))
}
