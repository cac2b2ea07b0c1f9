import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import { z } from 'zod'
import type { LogLine } from '../core/ports.ts'
import type { Skep } from '../core/skep.ts'
import { defaultNamespace } from '../core/names.ts'
import { addressOf, goBoolean, parseQuery } from './openfaas-types.ts'

const LogsQuery = z.object({
  name: z.string().min(1),
  namespace: z.string().optional(),
  instance: z.string().optional(),
  /** -1 is how clients say "all". */
  tail: z.coerce.number().int().optional(),
  follow: z.string().optional(),
  since: z.iso.datetime({ offset: true }).optional(),
})

/** `GET /system/logs`: one JSON object a line, each sent at once; ends by itself unless `follow`. */
export function logsRoute(skep: Skep): Hono {
  const app = new Hono()

  app.get('/system/logs', (c) => {
    const query = parseQuery(LogsQuery, c.req.query())
    const leave = new AbortController()
    const lines = skep.logs({
      function: addressOf(query.name, query.namespace),
      follow: goBoolean(query.follow),
      signal: leave.signal,
      ...(query.instance && { replica: query.instance }),
      ...(query.since && { since: new Date(query.since) }),
      ...(query.tail !== undefined && query.tail >= 0 && { tail: query.tail }),
    })
    c.header('Content-Type', 'application/x-ndjson')
    return stream(c, async (out) => {
      out.onAbort(() => leave.abort())
      for await (const line of lines) await out.writeln(JSON.stringify(messageOf(query, line)))
    })
  })

  return app
}

function messageOf({ name, namespace }: z.infer<typeof LogsQuery>, { replica, at, text, node }: LogLine) {
  return { name, namespace: namespace || defaultNamespace, instance: replica, timestamp: at.toISOString(), text, node }
}
