import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { matchedRoutes } from 'hono/route'
import { asSkepError, failureBody, SkepError } from '../core/errors.ts'
import type { Log } from '../core/ports.ts'
import { about } from './about.ts'
import { type Admit, requireCredentials } from './auth.ts'

type App = Hono<{ Bindings: HttpBindings }>

export interface AppParts {
  /** Each answers some routes for anyone, as functions are called by anyone. */
  readonly open?: readonly Hono[]
  /** Each answers some routes; all of them are behind the credentials. */
  readonly dialects: readonly Hono[]
  readonly admit: Admit
  /** The metrics in Prometheus' text format. */
  readonly scrape: () => Promise<string>
  /** Hears of every request that was answered; `path` is the route that took it. */
  readonly onRequest?: (request: { method: string; path: string; status: number; seconds: number }) => void
  readonly log: Log
}

const plainText = { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }

/** Everything but `/function/`: `/healthz` and what is open for anyone, the rest behind credentials. */
export function adminApp({ open = [], dialects, admit, scrape, onRequest, log }: AppParts): App {
  const app: App = new Hono()
  if (onRequest) {
    app.use(async (c, next) => {
      const start = performance.now()
      await next()
      const { method } = c.req
      onRequest({ method, path: routeOf(c), status: c.res.status, seconds: (performance.now() - start) / 1000 })
    })
  }
  app.get('/healthz', (c) => c.text('OK'))
  for (const routes of open) app.route('/', routes)
  app.use(requireCredentials(admit))
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (c, allowed) => failureResponse(wrongMethod(c.req, allowed)) }))
  app.get('/', (c) => c.json(about))
  app.get('/metrics', async (c) => c.body(await scrape(), 200, plainText))
  for (const dialect of dialects) app.route('/', dialect)
  app.notFound((c) => failureResponse(nothingAt(c.req)))
  app.onError((error) => {
    const failure = asSkepError(error)
    if (failure.code === 'internal') log.error('request failed', { error: error.stack })
    return failureResponse(failure)
  })
  return app
}

/** Whoever asks for what is not there must not make a time series of it. */
const routeOf = (c: Context): string => matchedRoutes(c).findLast(({ method }) => method !== 'ALL')?.path ?? 'none'

interface Asked {
  readonly method: string
  readonly path: string
}

const nothingAt = ({ method, path }: Asked): SkepError =>
  new SkepError('not_found', `There is nothing at ${method} ${path}.`, { hint: 'GET / lists the API.' })

const wrongMethod = ({ method, path }: Asked, allowed: readonly string[]): SkepError =>
  new SkepError('method_not_allowed', `${path} does not take ${method}.`, { hint: `It takes ${allowed.join(', ')}.` })

function failureResponse(error: SkepError): Response {
  const headers = new Headers({ 'Content-Type': 'application/json' })
  if (error.retryAfterSeconds !== undefined) headers.set('Retry-After', String(error.retryAfterSeconds))
  if (error.code === 'unauthorized') headers.set('WWW-Authenticate', 'Basic realm="Restricted"')
  // Without credentials nothing is told but that they are missing; with them, everything.
  return new Response(JSON.stringify(failureBody(error, error.code !== 'unauthorized')) + '\n', {
    status: error.status,
    headers,
  })
}

/** The same metrics for a Prometheus that knows no password, on an address of their own. */
export function metricsApp(scrape: () => Promise<string>): Hono {
  const app = new Hono()
  app.get('/healthz', (c) => c.text('OK'))
  app.get('/metrics', async (c) => c.body(await scrape(), 200, plainText))
  return app
}
