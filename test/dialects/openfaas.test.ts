import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Skep } from '../../gateway/core/skep.ts'
import type { Queue } from '../../gateway/core/queue.ts'
import { asyncAdminRoutes } from '../../gateway/dialects/async-admin.ts'
import { asyncResultRoutes } from '../../gateway/dialects/async-result.ts'
import { openfaasRoutes } from '../../gateway/dialects/openfaas.ts'
import { namespaceRoutes } from '../../gateway/dialects/namespaces.ts'
import { nodeRoutes } from '../../gateway/dialects/nodes.ts'
import { revisionRoutes } from '../../gateway/dialects/revisions.ts'
import { buildRoutes } from '../../gateway/dialects/builds.ts'
import { secretRoutes } from '../../gateway/dialects/secrets.ts'
import { adminApp } from '../../gateway/http/app.ts'
import { credentialCheck } from '../../gateway/http/credentials.ts'
import { queues } from '../../gateway/queues/index.ts'
import { partsOf, place, silentLog, type Place } from '../core/place.ts'
import { until } from '../helpers/until.ts'

const password = 'correct horse'
const right = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`

/** What anyone may call. */
const open = ['GET /healthz', 'GET /async-function/:id']

const folder = mkdtempSync(join(tmpdir(), 'skep-openfaas-'))
let queue: Queue
beforeAll(async () => {
  queue = await queues.embedded(join(folder, 'queue.db'))
})
afterAll(async () => {
  await queue.close()
  rmSync(folder, { recursive: true })
})

let there: Place
let skep: Skep
let app: ReturnType<typeof adminApp>

beforeEach(async () => {
  there = place()
  skep = new Skep(partsOf(there))
  await skep.start()
  app = adminApp({
    open: [asyncResultRoutes(queue)],
    dialects: [
      openfaasRoutes(skep, '1.2.3', silentLog),
      revisionRoutes(skep),
      nodeRoutes(skep),
      secretRoutes(skep),
      buildRoutes(async () => 'built', silentLog),
      namespaceRoutes(skep),
      asyncAdminRoutes(skep, queue),
    ],
    isRight: credentialCheck({ user: 'admin', password, generated: false }),
    scrape: async () => 'metrics',
    log: silentLog,
  })
})
afterEach(() => skep.close())

const env = { incoming: { socket: { remoteAddress: '192.0.2.1' } } }

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  return app.request(path, { method, body: text, headers: { Authorization: right, ...headers } }, env)
}

const hello = { service: 'hello', image: 'hello:1' }

describe('credentials', () => {
  it('are asked for on every route that is not open', async () => {
    const routes = new Set(
      app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`),
    )
    expect(routes.size).toBeGreaterThan(15)
    expect(open.filter((route) => !routes.has(route))).toEqual([])
    for (const route of [...routes].filter((route) => !open.includes(route))) {
      const [method = '', path = ''] = route.split(' ')
      const example = path.replace(':name', 'hello').replace(/:action\{(\w+).*\}/, '$1')
      const { status } = await app.request(example, { method }, env)
      expect([route, status]).toEqual([route, 401])
    }
  })

  it('are asked for on paths that do not exist, too', async () => {
    const answer = await app.request('/no/such/path', {}, env)
    expect([answer.status, answer.headers.get('WWW-Authenticate')]).toEqual([401, 'Basic realm="Restricted"'])
  })

  it('make a client that guesses wait', async () => {
    const guess = (): Promise<Response> =>
      ask('GET', '/system/info', undefined, { Authorization: 'Basic d3Jvbmc6d3Jvbmc=' })
    const statuses = []
    for (let i = 0; i < 11; i++) statuses.push((await guess()).status)
    expect(statuses).toEqual([...Array(10).fill(401), 429])
    expect(Number((await guess()).headers.get('Retry-After'))).toBeGreaterThan(0)
  })
})

describe('the API', () => {
  it('lists every route at /', async () => {
    const routes = new Set(
      app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`),
    )
    const listed = Object.keys((await (await ask('GET', '/')).json()) as object)
    const beforeTheApp = ['ANY /function/:name', 'POST /async-function/:name']
    expect(listed.sort()).toEqual([...routes, ...beforeTheApp].sort())
  })

  it('answers 405 to the wrong method and 404 to an unknown path', async () => {
    expect((await ask('PATCH', '/system/functions')).status).toBe(405)
    expect((await ask('GET', '/system/nothing')).status).toBe(404)
  })
})

describe('deploy', () => {
  it('answers 404 to PUT of an unknown function, 202 to POST, and 202 to PUT from then on', async () => {
    expect((await ask('PUT', '/system/functions', hello)).status).toBe(404)
    expect((await ask('POST', '/system/functions', hello)).status).toBe(202)
    expect((await ask('PUT', '/system/functions', { ...hello, image: 'hello:2' })).status).toBe(202)
    expect(await (await ask('GET', '/system/function/hello')).json()).toMatchObject({ image: 'hello:2', revision: 2 })
  })

  it('takes the nulls that old clients send, and leaves out what was left out', async () => {
    const empty = { envVars: null, constraints: null, secrets: null, labels: null, annotations: null, limits: null }
    await ask('POST', '/system/functions', { ...hello, ...empty, requests: null })
    const [status] = (await (await ask('GET', '/system/functions')).json()) as object[]
    expect(Object.keys(status ?? {}).sort()).toEqual(
      [
        'availableReplicas',
        'createdAt',
        'image',
        'invocationCount',
        'labels',
        'name',
        'namespace',
        'replicas',
        'revision',
      ].sort(),
    )
  })

  it('shows what was deployed, byte for byte', async () => {
    const given = { envVars: { A: '01' }, limits: { memory: '128Mi', cpu: '100m' }, constraints: ['node.role==worker'] }
    await ask('POST', '/system/functions', { ...hello, ...given, readOnlyRootFilesystem: true })
    expect(await (await ask('GET', '/system/function/hello?usage=1')).json()).toMatchObject({
      ...given,
      readOnlyRootFilesystem: true,
    })
  })

  it('lists every mistake in the names of the client and changes nothing', async () => {
    const answer = await ask('POST', '/system/functions', {
      service: 'No',
      image: '',
      limits: { memory: 'lots' },
      envVars: { A: 'b' },
    })
    expect(answer.status).toBe(400)
    const { code, detail } = (await answer.json()) as { code: string; detail: string }
    expect(code).toBe('invalid_request')
    expect(detail.split('\n').map((line) => line.split(':')[0])).toEqual(['service', 'image', 'limits.memory'])
    expect(skep.list()).toEqual([])
  })

  it('refuses a body that is no JSON', async () => {
    const answer = await app.request(
      '/system/functions',
      { method: 'POST', body: '{', headers: { Authorization: right } },
      env,
    )
    expect(answer.status).toBe(400)
  })

  it('tells its progress, line by line, to a client that asks for it', async () => {
    const lines = await (await ask('POST', '/system/functions', hello, { Accept: 'application/x-ndjson' })).text()
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { message: 'Starting hello-1 …' },
      { message: 'hello is ready as revision 1.' },
      { done: { name: 'hello', revision: 1 } },
    ])
  })

  it('tells the reason of a failed start in the same way', async () => {
    there.world.probe = () => new Promise(() => {})
    const answer = ask('POST', '/system/functions', hello, { Accept: 'application/x-ndjson' })
    await until(() => there.world.running.size === 1)
    there.world.die('r1', 'exit code 1')
    expect(await (await answer).text()).toMatch(/"error":\{"code":"start_failed","error":"[^"]*exit code 1/)
  })
})

describe('namespaces', () => {
  it('keep functions of one name apart', async () => {
    await ask('POST', '/system/functions', hello)
    await ask('POST', '/system/namespace/', { name: 'other' })
    await ask('POST', '/system/functions', { ...hello, namespace: 'other', image: 'hello:other' })
    const images = async (query: string): Promise<unknown> =>
      ((await (await ask('GET', `/system/functions${query}`)).json()) as { image: string }[]).map(({ image }) => image)
    expect(await images('')).toEqual(['hello:1'])
    expect(await images('?namespace=other')).toEqual(['hello:other'])
    expect(await (await ask('GET', '/system/namespaces')).json()).toEqual(['openfaas-fn', 'other'])
  })
})

describe('scale and remove', () => {
  it('scales to what it is told, zero too', async () => {
    await ask('POST', '/system/functions', hello)
    await ask('POST', '/system/scale-function/hello', { serviceName: 'hello', replicas: 3 })
    await until(() => there.world.running.size === 3)
    await ask('POST', '/system/scale-function/hello', { serviceName: 'hello', replicas: 0 })
    await until(() => there.world.running.size === 0)
    expect(await (await ask('GET', '/system/function/hello')).json()).toMatchObject({ replicas: 0 })
  })

  it.each([
    ['POST', '/system/scale-function/nobody', { serviceName: 'nobody', replicas: 1 }, 404],
    ['POST', '/system/scale-function/hello', { serviceName: 'hello', replicas: -1 }, 400],
    ['DELETE', '/system/functions', { functionName: 'nobody' }, 404],
    ['DELETE', '/system/functions', { functionName: '' }, 400],
    ['GET', '/system/function/nobody', undefined, 404],
    ['GET', '/system/logs?name=nobody', undefined, 404],
    ['GET', '/system/logs?name=hello&tail=x', undefined, 422],
    ['GET', '/system/logs?name=hello&since=yesterday', undefined, 422],
  ])('answers %s %s %j with %i', async (method, path, body, status) => {
    await ask('POST', '/system/functions', hello)
    expect((await ask(method, path, body)).status).toBe(status)
  })

  it('removes the function and its replicas', async () => {
    await ask('POST', '/system/functions', hello)
    expect((await ask('DELETE', '/system/functions', { functionName: 'hello' })).status).toBe(202)
    expect((await ask('GET', '/system/function/hello')).status).toBe(404)
    await until(() => there.world.running.size === 0)
  })
})

describe('nodes', () => {
  const pi = {
    role: 'worker',
    platform: 'linux/arm64',
    memoryBytes: 2 ** 30,
    availability: 'active',
    state: 'ready',
  } as const

  it('are listed with the number of replicas on each', async () => {
    there.provider.nodes = async () => [
      { ...pi, name: 'm1', role: 'manager' },
      { ...pi, name: 'w1' },
    ]
    const replica = { revision: 'hello-1', address: { host: 'memory', port: 1 }, paused: false, node: 'w1' }
    there.world.running.set('a', { ...replica, id: 'a' }).set('b', { ...replica, id: 'b' })
    expect(await (await ask('GET', '/system/nodes')).json()).toEqual([
      { ...pi, name: 'm1', role: 'manager', replicas: 0 },
      { ...pi, name: 'w1', replicas: 2 },
    ])
  })

  it('are none where there is but one machine', async () => {
    const answer = await ask('GET', '/system/nodes')
    expect([answer.status, await answer.json()]).toEqual([501, expect.objectContaining({ code: 'not_supported' })])
  })
})

describe('revisions', () => {
  const weights = async (): Promise<unknown> =>
    ((await (await ask('GET', '/system/revisions/hello')).json()) as { number: number; weight: number }[]).map(
      ({ number, weight }) => [number, weight],
    )

  it('are listed with their share, split and rolled back', async () => {
    await ask('POST', '/system/functions', { ...hello, message: 'the first' })
    await ask('PUT', '/system/functions', { ...hello, image: 'hello:2' })
    expect(await weights()).toEqual([
      [2, 100],
      [1, 0],
    ])
    expect((await ask('PUT', '/system/traffic/hello', { weights: { 1: 10, 2: 90 } })).status).toBe(204)
    expect(await weights()).toEqual([
      [2, 90],
      [1, 10],
    ])
    expect(await (await ask('POST', '/system/rollback/hello', {})).json()).toEqual({ revision: 1 })
    expect(await weights()).toEqual([
      [2, 0],
      [1, 100],
    ])
  })

  it.each([{ weights: { 1: 50 } }, { weights: { x: 100 } }, { weights: { 1: -1 } }, {}])(
    'refuse a split like %j',
    async (body) => {
      await ask('POST', '/system/functions', hello)
      expect((await ask('PUT', '/system/traffic/hello', body)).status).toBe(400)
    },
  )
})
