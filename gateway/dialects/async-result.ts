import { Hono } from 'hono'
import { SkepError } from '../core/errors.ts'
import type { Queue } from '../core/queue.ts'
import { parseDuration } from '../core/units.ts'
import { resultView } from './async-views.ts'

const longestWaitMs = 60_000

/** `GET /async-function/ID`: as open as the function is; who knows the id may see the answer. */
export function asyncResultRoutes(queue: Pick<Queue, 'show'>): Hono {
  const app = new Hono()

  app.get('/async-function/:id', async (c) => {
    const id = c.req.param('id')
    const wait = parseDuration(c.req.query('wait') ?? '0')
    if (wait === undefined) throw new SkepError('invalid_query', 'wait is not a duration.', { hint: 'Send ?wait=30s.' })
    const record = await queue.show(id, Math.min(wait, longestWaitMs))
    if (record === undefined) throw callNotFound(id)
    return c.json(resultView(record))
  })

  return app
}

export const callNotFound = (id: string): SkepError =>
  new SkepError('not_found', `There is no call "${id}".`, {
    hint: 'Answers are kept for a while only; the function’s async.keep says how long.',
  })
