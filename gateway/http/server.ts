import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { Socket } from 'node:net'
import { respondFailure } from './failures.ts'
import { hotPath } from './hot-path.ts'
import type { HotPathOptions } from './hot-path.ts'
import { maxHeaders, requestProblem } from './request-check.ts'
import { type StallLimits, Stalls } from './stalls.ts'
import { isAsyncTarget, isFunctionTarget, isRegistryTarget } from './target.ts'
import { carryUpgrade, mayUpgrade } from './upgrade.ts'

type Listener = (req: IncomingMessage, res: ServerResponse) => void

export interface EdgeOptions extends HotPathOptions {
  /** Puts a call to `/async-function/` into the queue, if there is one. */
  readonly enqueue?: Listener
  /** Answers `/v2/`, if there is a registry. */
  readonly registry?: Listener
  /** Answers everything else. */
  readonly app: Listener
  /** Default: a minute. */
  readonly stallLimits?: StallLimits
}

export interface Edge {
  readonly server: Server
  /** Takes no more connections, and cuts after `graceMs` what has not ended by then. */
  close(graceMs: number): Promise<void>
}

/** Limits against callers that keep connections busy without saying anything; uploads that go on may take as long as they like. */
const serverOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 5000,
  connectionsCheckingInterval: 1000,
  requestTimeout: 0,
  requireHostHeader: false, // checked with the rest, where refusing a request also ends its connection
  keepAliveTimeout: 75_000,
  optimizeEmptyRequests: true, // no stream events for the bodies that most requests do not have
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
  shouldUpgradeCallback: mayUpgrade,
} as const

/** A minute, as with nginx. */
const stallLimits: StallLimits = { afterMs: 60_000, everyMs: 5000 }

/** The HTTP server in front of everything: raw checks before any routing, then the hot path or the app. */
export function edge(options: EdgeOptions): Edge {
  const invoke = hotPath(options)
  const { app, enqueue = app, registry = app } = options
  const upgraded = new Set<Socket>()
  /** Whatever follows an ambiguous request may be a part of it, and Node has perhaps read it already. */
  const distrusted = new WeakSet<Socket>()
  let closing = false

  function handle(req: IncomingMessage, res: ServerResponse): void {
    if (distrusted.has(req.socket)) return
    stalls.watch(res)
    const problem = requestProblem(req)
    if (problem) {
      const close = problem.code !== 'invalid_target'
      if (close) distrusted.add(req.socket)
      return respondFailure(req, res, problem, { withDetail: false, close })
    }
    if (closing) res.shouldKeepAlive = false
    const target = req.url ?? ''
    if (isFunctionTarget(target)) invoke(req, res)
    else if (isAsyncTarget(target) && !isAboutCall(req.method)) enqueue(req, res)
    else if (isRegistryTarget(target)) registry(req, res)
    else app(req, res)
  }

  /** A function answers `Expect: 100-continue` itself; for the app it is a yes. */
  function handleExpecting(req: IncomingMessage, res: ServerResponse): void {
    if (!isFunctionTarget(req.url ?? '')) res.writeContinue()
    handle(req, res)
  }

  function handleUpgrade(req: IncomingMessage, socket: Duplex, early: Buffer): void {
    if (!(socket instanceof Socket)) return void socket.destroy()
    if (early.length > 0) socket.unshift(early)
    stalls.leave(socket)
    upgraded.add(socket)
    socket.on('close', () => upgraded.delete(socket))
    socket.on('error', () => {}) // 'close' follows, and that is heard
    // It fails only when an earlier request on the connection has not been answered yet: such a caller cannot be served.
    carryUpgrade(req, socket, options).catch(() => socket.destroy())
  }

  const server = createServer(serverOptions, handle)
  const stalls = new Stalls(server, options.stallLimits ?? stallLimits)
  server.maxHeadersCount = maxHeaders + 1 // one more than allowed, so that too many are refused and not cut
  server.on('checkContinue', handleExpecting)
  server.on('upgrade', handleUpgrade)

  return {
    server,
    async close(graceMs) {
      closing = true
      const closed = new Promise((resolve) => server.close(resolve))
      const cut = setTimeout(() => {
        server.closeAllConnections()
        for (const socket of upgraded) socket.destroy()
      }, graceMs)
      const sweep = setInterval(() => server.closeIdleConnections(), 50)
      await closed
      clearTimeout(cut)
      clearInterval(sweep)
    },
  }
}

/** To ask for a queued call, or to cancel it, goes to the same address as to make one. */
const isAboutCall = (method: string | undefined): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'DELETE'
