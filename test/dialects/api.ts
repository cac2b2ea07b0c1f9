import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Queue } from '../../gateway/core/queue.ts'
import { Skep } from '../../gateway/core/skep.ts'
import { Tokens } from '../../gateway/core/tokens.ts'
import { asyncAdminRoutes } from '../../gateway/dialects/async-admin.ts'
import { storeFileRoutes } from '../../gateway/dialects/store-files.ts'
import { asyncResultRoutes } from '../../gateway/dialects/async-result.ts'
import { buildRoutes } from '../../gateway/dialects/builds.ts'
import { namespaceRoutes } from '../../gateway/dialects/namespaces.ts'
import { nodeRoutes } from '../../gateway/dialects/nodes.ts'
import { openfaasRoutes } from '../../gateway/dialects/openfaas.ts'
import { registryLoginRoutes } from '../../gateway/dialects/registry-logins.ts'
import { revisionRoutes } from '../../gateway/dialects/revisions.ts'
import { secretRoutes } from '../../gateway/dialects/secrets.ts'
import { tokenRoutes } from '../../gateway/dialects/tokens.ts'
import { adminApp } from '../../gateway/http/app.ts'
import { admission } from '../../gateway/http/auth.ts'
import { credentialCheck } from '../../gateway/http/credentials.ts'
import { queues } from '../../gateway/queues/index.ts'
import { registryLogins } from '../../gateway/registry-logins.ts'
import { memoryStore, partsOf, place, silentLog, type Place } from '../core/place.ts'

const password = 'correct horse'
export const right = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`
const admin = { user: 'admin', password, generated: false }
const env = { incoming: { socket: { remoteAddress: '192.0.2.1' } } }

/** What a test of the admin API works with. */
export interface Api {
  readonly there: Place
  readonly skep: Skep
  readonly app: ReturnType<typeof adminApp>
  /** What was told to the metrics of each request. */
  readonly requests: { method: string; path: string; status: number; seconds: number }[]
  /** Asks with credentials; `headers` may say otherwise. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
  json(...asked: Parameters<Api['ask']>): Promise<unknown>
  /** Sends just this. */
  raw(path: string, init: RequestInit): Promise<Response>
}

/** The whole admin API over a place in memory, a new one for each test. */
export function useApi(): () => Api {
  const folder = mkdtempSync(join(tmpdir(), 'skep-openfaas-'))
  let queue: Queue
  let api: Api
  beforeAll(async () => {
    queue = await queues.embedded(join(folder, 'queue.db'))
  })
  afterAll(async () => {
    await queue.close()
    rmSync(folder, { recursive: true })
  })
  beforeEach(async () => {
    api = await openApi(queue)
  })
  afterEach(() => api.skep.close())
  return () => api
}

async function openApi(queue: Queue): Promise<Api> {
  const there = place()
  const skep = new Skep(partsOf(there))
  await skep.start()
  const tokens = new Tokens(memoryStore())
  const requests: Api['requests'] = []
  const app = adminApp({
    open: [asyncResultRoutes(queue), storeFileRoutes(undefined)],
    dialects: [
      openfaasRoutes(skep, '1.2.3', silentLog),
      revisionRoutes(skep),
      nodeRoutes(skep),
      secretRoutes(skep),
      tokenRoutes(tokens),
      registryLoginRoutes(registryLogins({ store: memoryStore(), credentials: admin, ownsRegistry: false })),
      buildRoutes(async () => 'built', silentLog),
      namespaceRoutes(skep),
      asyncAdminRoutes(skep, queue),
    ],
    admit: admission({ isRight: credentialCheck(admin), findToken: (token) => tokens.find(token) }),
    scrape: async () => 'metrics',
    onRequest: (request) => requests.push(request),
    log: silentLog,
  })
  const api: Api = {
    there,
    skep,
    app,
    requests,
    ask: async (method, path, body, headers = {}) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      return api.raw(path, { method, body: text ?? null, headers: { Authorization: right, ...headers } })
    },
    json: async (...asked) => (await api.ask(...asked)).json(),
    raw: async (path, init) => app.request(path, init, env),
  }
  return api
}
