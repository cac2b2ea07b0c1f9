import { Hono } from 'hono'
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { SkepError } from '../core/errors.ts'
import type { PushOptions, Queue, QueuedCall } from '../core/queue.ts'
import type { Skep } from '../core/skep.ts'
import { parseDuration } from '../core/units.ts'
import { resultView } from './async-views.ts'
import { readBody } from './read-body.ts'

export interface AsyncRoutesParts {
  readonly skep: Pick<Skep, 'get'>
  readonly queue: Queue
  /** The headers that the function would get over HTTP now, and the call's id. */
  describe(req: IncomingMessage): { readonly callId: string; readonly headers: readonly string[] }
  /** Throws unless answers may be posted to this address. */
  checkCallback(url: string): void
  /** Largest body of a call that waits: it waits in memory, or on a small disk. */
  readonly maxBodyBytes: number
}

const longestWaitMs = 60_000

/** Needs Node's request: there, target and headers are as they came. */
export type AsyncFunctionApp = Hono<{ Bindings: { incoming: IncomingMessage } }>

/** `/async-function/`: as open as `/function/` is. */
export function asyncFunctionRoutes(parts: AsyncRoutesParts): AsyncFunctionApp {
  const app: AsyncFunctionApp = new Hono()

  app.use('/async-function/*', async (c, next) => {
    if (c.req.method !== 'PUT' && c.req.method !== 'PATCH') return next()
    throw new SkepError('method_not_allowed', `An asynchronous call is a POST, not a ${c.req.method}.`)
  })

  app.post('/async-function/:name/*', async (c) => {
    const { incoming } = c.env
    const id = await accept(incoming, parts)
    return c.body(null, 202, { 'X-Call-Id': id, 'X-Start-Time': `${Date.now()}000000` })
  })

  app.get('/async-function/:id', async (c) => {
    const id = c.req.param('id')
    const wait = parseDuration(c.req.query('wait') ?? '0')
    if (wait === undefined) throw new SkepError('invalid_query', 'wait is not a duration.', { hint: 'Send ?wait=30s.' })
    const record = await parts.queue.show(id, Math.min(wait, longestWaitMs))
    if (record === undefined) throw callNotFound(id)
    return c.json(resultView(record))
  })

  return app
}

export const callNotFound = (id: string): SkepError =>
  new SkepError('not_found', `There is no call "${id}".`, {
    hint: 'Answers are kept for a while only; the function’s async.keep says how long.',
  })

/** Resolves with the call's id once it is durable. */
async function accept(req: IncomingMessage, parts: AsyncRoutesParts): Promise<string> {
  const { name, target } = splitTarget(req.url ?? '')
  const found = parts.skep.get(name)
  const options = pushOptionsOf(req)
  const callbackUrl = single(req, 'x-callback-url')
  if (callbackUrl !== undefined) parts.checkCallback(callbackUrl)
  const body = await readBody(req, Math.min(found.pool.policy.maxBodyBytes, parts.maxBodyBytes))
  const { callId, headers } = parts.describe(req)
  const call = { id: callId, function: found.key, target, headers: withoutOurs(headers), body }
  return push(parts.queue, call, options)
}

/** A caller who passes on the id that it was called with gets a new one for its second call. */
async function push(queue: Queue, call: QueuedCall, options: PushOptions): Promise<string> {
  try {
    return await queue.push(call, options)
  } catch (error) {
    if (!(error instanceof SkepError) || error.code !== 'conflict') throw error
    return queue.push({ ...call, id: randomUUID() }, options)
  }
}

/** `/async-function/hello/a?b` is the function `hello` and the target `/a?b` for it. */
function splitTarget(url: string): { name: string; target: string } {
  const [, name = '', rest = ''] = /^\/async-function\/([^/?]*)(.*)$/s.exec(url) ?? []
  return { name, target: rest.startsWith('/') ? rest : `/${rest}` }
}

/** Written anew at every run, or meant for the gateway that took the call. */
const ours: ReadonlySet<string> = new Set(['x-call-id', 'x-attempt', 'expect', 'content-length'])

function withoutOurs(headers: readonly string[]): string[] {
  return headers.filter((_, at) => !ours.has((headers[at - (at % 2)] ?? '').toLowerCase()))
}

function pushOptionsOf(req: IncomingMessage): PushOptions {
  const idempotencyKey = single(req, 'idempotency-key')
  if (idempotencyKey !== undefined && idempotencyKey.length > 256) throw invalid('Idempotency-Key', 'at most 256 bytes')
  return { idempotencyKey, delayMs: delayOf(req), priority: priorityOf(req) }
}

function delayOf(req: IncomingMessage): number | undefined {
  const [delay, runAt] = [single(req, 'x-delay'), single(req, 'x-run-at')]
  if (delay !== undefined) return parseDuration(delay) ?? fail('X-Delay', 'a duration such as 30s or 1h30m')
  if (runAt === undefined) return undefined
  const at = Date.parse(runAt)
  return Number.isNaN(at) ? fail('X-Run-At', 'a time such as 2030-01-31T08:00:00Z') : Math.max(at - Date.now(), 0)
}

function priorityOf(req: IncomingMessage): number | undefined {
  const priority = single(req, 'x-priority')
  if (priority === undefined) return undefined
  return /^\d$/.test(priority) ? Number(priority) : fail('X-Priority', '0 to 9; higher goes first')
}

function single(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function fail(header: string, use: string): never {
  throw invalid(header, use)
}

const invalid = (header: string, use: string): SkepError =>
  new SkepError('invalid_request', `${header} is not right.`, { hint: `Use ${use}.` })
