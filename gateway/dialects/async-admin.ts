import { Hono } from 'hono'
import { z } from 'zod'
import { SkepError } from '../core/errors.ts'
import { callStates } from '../core/queue.ts'
import type { CallChange, CallSelection, Queue } from '../core/queue.ts'
import type { Skep } from '../core/skep.ts'
import { parseDuration } from '../core/units.ts'
import { recordView, summaryView } from './async-views.ts'
import { callNotFound } from './async-result.ts'
import { jsonOf, parseBody, parseQuery } from './openfaas-types.ts'

const maxListed = 1000

/** A time, or how long ago it was. */
const Time = z.string().transform((text, context) => {
  const ago = parseDuration(text)
  const at = ago === undefined ? Date.parse(text) : Date.now() - ago
  if (!Number.isNaN(at)) return at
  context.addIssue({ code: 'custom', message: 'use a time such as 2030-01-31T08:00:00Z, or how long ago: 90m' })
  return z.NEVER
})

const Selection = z.object({
  id: z.string().min(1).optional(),
  function: z.string().min(1).optional(),
  state: z.enum(callStates).optional(),
  since: Time.optional(),
  until: Time.optional(),
})

const Listing = Selection.extend({ limit: z.coerce.number().int().min(1).max(maxListed).default(100) })

const Change = Selection.extend({
  /** Every call that can be changed so: nobody should do that by leaving something out. */
  all: z.boolean().default(false),
  /** For retry: another function, or `hello@3` for one revision of it. */
  to: z
    .string()
    .regex(/^[-a-z0-9.]+(@[1-9]\d*)?$/, 'use a function’s name, or hello@3 for its revision')
    .optional(),
})

/** `/system/async`: calls that wait, run and have ended. Mounted behind the credentials. */
export function asyncAdminRoutes(skep: Pick<Skep, 'get' | 'find'>, queue: Queue): Hono {
  const app = new Hono()

  app.get('/system/async', async (c) => c.json(Object.fromEntries(await queue.depth())))

  app.get('/system/async/calls', async (c) => {
    const { limit, ...selection } = parseQuery(Listing, c.req.query())
    return c.json((await queue.list(byKey(selection), limit)).map(summaryView))
  })

  app.get('/system/async/calls/:id', async (c) => {
    const id = c.req.param('id')
    const record = await queue.show(id)
    if (record === undefined) throw callNotFound(id)
    return c.json(recordView(record))
  })

  app.post('/system/async/:action{retry|cancel|purge}', async (c) => {
    const { to, all, ...selection } = parseBody(Change, await jsonOf(c.req.raw))
    if (!all && Object.keys(selection).length === 0) {
      throw new SkepError('invalid_request', 'It is not said which calls.', {
        hint: 'Send id, function, state, since or until; or all: true.',
      })
    }
    const change = changeOf(c.req.param('action'), to)
    return c.json({ changed: await queue.change(byKey(selection), change) })
  })

  app.delete('/async-function/:id', async (c) => {
    const id = c.req.param('id')
    const cancelled = await queue.change({ id }, { action: 'cancel' })
    if (cancelled === 0) throw callNotFound(id)
    return c.body(null, 202)
  })

  function changeOf(action: string, to: string | undefined): CallChange {
    if (action === 'cancel' || action === 'purge') return { action }
    if (to === undefined) return { action: 'retry' }
    const [name = '', revision] = to.split('@')
    const { key } = skep.get(name)
    return { action: 'retry', function: revision === undefined ? key : `${key}@${revision}` }
  }

  function byKey(selection: CallSelection): CallSelection {
    if (selection.function === undefined) return selection
    return { ...selection, function: skep.find(selection.function)?.key ?? selection.function }
  }

  return app
}
