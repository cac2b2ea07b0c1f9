import { afterEach, describe, expect, it, vi } from 'vitest'
import { Tokens } from '../../gateway/core/tokens.ts'
import { memoryStore } from '../core/place.ts'
import { useApi } from './api.ts'

const api = useApi()
afterEach(() => void vi.useRealTimers())

const create = async (wish: object): Promise<string> =>
  ((await api().json('POST', '/system/tokens', wish)) as { token: string }).token
const as = (token: string, method: string, path: string, body?: unknown): Promise<Response> =>
  api().ask(method, path, body, { Authorization: `Bearer ${token}` })

describe('a token', () => {
  it('opens what the password opens, until it is revoked', async () => {
    const token = await create({ name: 'ci' })
    expect((await as(token, 'POST', '/system/functions', { service: 'hello', image: 'x' })).status).toBe(202)
    const [revision] = (await (await as(token, 'GET', '/system/revisions/hello')).json()) as object[]
    expect(revision).toMatchObject({ by: 'token ci' })
    expect((await as(token, 'DELETE', '/system/tokens', { name: 'ci' })).status).toBe(204)
    expect((await as(token, 'GET', '/system/functions')).status).toBe(401)
  })

  it('that may only read changes nothing', async () => {
    const token = await create({ name: 'watcher', access: 'read' })
    expect((await as(token, 'GET', '/system/functions')).status).toBe(200)
    const refused = await as(token, 'POST', '/system/functions', { service: 'hello', image: 'x' })
    expect([refused.status, await refused.json()]).toEqual([403, expect.objectContaining({ code: 'forbidden' })])
    expect((await as(token, 'POST', '/system/tokens', { name: 'more' })).status).toBe(403)
  })

  it('is worth nothing after its time', async () => {
    const token = await create({ name: 'brief', expiresIn: '1h' })
    expect((await as(token, 'GET', '/system/info')).status).toBe(200)
    vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ['Date'] })
    expect((await as(token, 'GET', '/system/info')).status).toBe(401)
  })

  it('is listed by its name alone, and kept only as a digest', async () => {
    const store = memoryStore()
    const token = await new Tokens(store).create({ name: 'ci', access: 'full' })
    expect(JSON.stringify(await store.list(''))).not.toContain(token.replace('skep_', ''))
    await create({ name: 'ci', access: 'read', expiresIn: '24h' })
    expect(await api().json('GET', '/system/tokens')).toEqual([
      { name: 'ci', access: 'read', createdAt: expect.any(String), expiresAt: expect.any(String) },
    ])
  })

  it.each([
    ['POST', { name: 'ci' }, 409],
    ['POST', { name: 'No Name' }, 400],
    ['POST', { name: 'x', access: 'some' }, 400],
    ['POST', { name: 'x', expiresIn: '0s' }, 400],
    ['DELETE', { name: 'nobody' }, 404],
  ])('%s /system/tokens %j is answered with %i', async (method, body, status) => {
    await create({ name: 'ci' })
    expect((await api().ask(method, '/system/tokens', body)).status).toBe(status)
  })

  it.each(['', 'Bearer', 'Bearer skep_', 'Bearer skep_wrong', 'Basic skep_wrong'])(
    'is not what %j says',
    async (Authorization) => {
      await create({ name: 'ci' })
      expect((await api().ask('GET', '/system/info', undefined, { Authorization })).status).toBe(401)
    },
  )
})
