import { describe, expect, it } from 'vitest'
import { useApi } from './api.ts'

const api = useApi()

/** What anyone may call. */
const open = ['GET /healthz', 'GET /async-function/:id', 'GET /store/templates.json', 'GET /store/functions.json']

describe('credentials', () => {
  it('are asked for on every route that is not open', async () => {
    const routes = new Set(
      api()
        .app.routes.filter(({ method }) => method !== 'ALL')
        .map(({ method, path }) => `${method} ${path}`),
    )
    expect(routes.size).toBeGreaterThan(15)
    expect(open.filter((route) => !routes.has(route))).toEqual([])
    for (const route of [...routes].filter((route) => !open.includes(route))) {
      const [method = '', path = ''] = route.split(' ')
      const example = path.replace(':name', 'hello').replace(/:action\{(\w+).*\}/, '$1')
      const { status } = await api().raw(example, { method })
      expect([route, status]).toEqual([route, 401])
    }
  })

  it('are asked for on paths that do not exist, too', async () => {
    const answer = await api().raw('/no/such/path', {})
    expect([answer.status, answer.headers.get('WWW-Authenticate')]).toEqual([401, 'Basic realm="Restricted"'])
  })

  it('make a client that guesses wait', async () => {
    const guess = (): Promise<Response> =>
      api().ask('GET', '/system/info', undefined, { Authorization: 'Basic d3Jvbmc6d3Jvbmc=' })
    const statuses = []
    for (let i = 0; i < 11; i++) statuses.push((await guess()).status)
    expect(statuses).toEqual([...Array(10).fill(401), 429])
    expect(Number((await guess()).headers.get('Retry-After'))).toBeGreaterThan(0)
  })
})

describe('the API', () => {
  it('lists every route at /', async () => {
    const routes = new Set(
      api()
        .app.routes.filter(({ method }) => method !== 'ALL')
        .map(({ method, path }) => `${method} ${path}`),
    )
    const listed = Object.keys((await (await api().ask('GET', '/')).json()) as object)
    const beforeTheApp = ['ANY /function/:name', 'POST /async-function/:name', 'ANY /v2/…']
    expect(listed.sort()).toEqual([...routes, ...beforeTheApp].sort())
  })

  it('answers 405 to the wrong method and 404 to an unknown path', async () => {
    expect((await api().ask('PATCH', '/system/functions')).status).toBe(405)
    expect((await api().ask('GET', '/system/nothing')).status).toBe(404)
  })

  it('is measured by its routes, however many paths and callers there are', async () => {
    await api().ask('GET', '/system/function/hello')
    await api().ask('GET', '/system/no/such/path')
    await api().raw('/system/info', {})
    expect(api().requests.map(({ method, path, status }) => [method, path, status])).toEqual([
      ['GET', '/system/function/:name', 404],
      ['GET', 'none', 404],
      ['GET', '/system/info', 401],
    ])
  })
})
