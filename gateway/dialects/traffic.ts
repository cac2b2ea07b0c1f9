import { Hono } from 'hono'
import { z } from 'zod'
import type { DeployedFunction } from '../core/function.ts'
import { MirrorPlan } from '../core/mirror.ts'
import type { Skep } from '../core/skep.ts'
import type { Tally } from '../core/tally.ts'
import { addressOf, jsonOf, parseBody } from './openfaas-types.ts'

const Traffic = z
  .strictObject({
    /** Percent by revision number; together 100. */
    weights: z.record(z.string().regex(/^\d+$/, 'a revision’s number'), z.number().min(0).max(100)).optional(),
    /** Null: no copies any more. */
    mirror: MirrorPlan.nullable().optional(),
  })
  .refine(({ weights, mirror }) => weights !== undefined || mirror !== undefined, 'say weights or mirror')

/** How a function's traffic is split, and what is copied of it. */
export function trafficRoutes(skep: Skep): Hono {
  const app = new Hono()

  app.get('/system/traffic/:name', (c) => {
    return c.json(trafficOf(skep.get(addressOf(c.req.param('name'), c.req.query('namespace')))))
  })

  app.put('/system/traffic/:name', async (c) => {
    const { weights, mirror } = parseBody(Traffic, await jsonOf(c.req.raw))
    const address = addressOf(c.req.param('name'), c.req.query('namespace'))
    if (weights) {
      const shares = Object.entries(weights).map(([revision, weight]) => ({ revision: Number(revision), weight }))
      await skep.split(address, shares)
    }
    if (mirror !== undefined) await skep.mirror(address, mirror ?? undefined)
    return c.body(null, 204)
  })

  return app
}

function trafficOf({ shares, pool, mirror }: DeployedFunction) {
  return {
    weights: Object.fromEntries(shares.map(({ revision, weight }) => [revision, weight])),
    sticky: pool.policy.sticky,
    mirror: mirror && {
      ...mirror.plan,
      compared: mirror.copies.requests,
      different: mirror.different,
      skipped: mirror.skipped,
      originals: resultOf(mirror.originals),
      copies: resultOf(mirror.copies),
    },
  }
}

const resultOf = (tally: Tally) => ({
  errors: tally.errors,
  medianSeconds: tally.percentile(0.5),
  p95Seconds: tally.percentile(0.95),
})
