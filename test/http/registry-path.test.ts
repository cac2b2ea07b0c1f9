import { createServer, type RequestListener, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Token } from '../../gateway/core/tokens.ts'
import { admission } from '../../gateway/http/auth.ts'
import { registryPath } from '../../gateway/http/registry-path.ts'
import { listen } from './direct-edge.ts'

const right = `Basic ${Buffer.from('admin:honey').toString('base64')}`
const findToken = async (token: string): Promise<Token | undefined> =>
  token.startsWith('skep_') ? { name: 'ci', access: token === 'skep_all' ? 'full' : 'read', createdAt: '' } : undefined

describe('/v2/', () => {
  const servers: Server[] = []
  const serve = async (answer: RequestListener): Promise<string> => {
    const server = createServer(answer)
    servers.push(server)
    return `http://127.0.0.1:${await listen(server)}`
  }
  let gateway: string
  beforeEach(async () => {
    const registry = await serve((req, res) => {
      const { method, url: path, headers } = req
      res.writeHead(202, { Location: `http://${headers.host}/v2/hello/blobs/uploads/1?_state=a%2Bb` })
      void text(req).then((body) => res.end(JSON.stringify({ method, path, headers, body })))
    })
    gateway = await serve(
      registryPath({ url: registry, admit: admission({ isRight: (header) => header === right, findToken }) }),
    )
  })
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })

  it.each([undefined, 'Basic wrong', 'Bearer token'])('lets nobody through with %j', async (authorization) => {
    const answer = await fetch(`${gateway}/v2/`, authorization ? { headers: { authorization } } : {})
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="Skep"')
    expect(await answer.json()).toMatchObject({ errors: [{ code: 'UNAUTHORIZED' }] })
  })

  it.each([
    ['POST', 'Bearer skep_all', 202],
    ['POST', `Basic ${Buffer.from('ann:skep_all').toString('base64')}`, 202],
    ['GET', 'Bearer skep_read', 202],
    ['POST', 'Bearer skep_read', 403],
  ])('answers %s with the token "%s" with %i', async (method, authorization, status) => {
    expect((await fetch(`${gateway}/v2/hello/blobs/uploads/`, { method, headers: { authorization } })).status).toBe(
      status,
    )
  })

  it('slows down who guesses', async () => {
    const guess = () => fetch(`${gateway}/v2/`, { headers: { authorization: 'Basic wrong' } })
    for (let i = 0; i <= 10; i++) await guess()
    const refused = await guess()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
  })

  it('passes an upload on without the password, and keeps the client at its own address', async () => {
    const init = { method: 'POST', headers: { authorization: right, 'x-note': 'a' }, body: 'layer' }
    const answer = await fetch(`${gateway}/v2/hello/blobs/uploads/?mount=1`, init)
    expect(answer.status).toBe(202)
    expect(answer.headers.get('location')).toBe('/v2/hello/blobs/uploads/1?_state=a%2Bb')
    const seen = (await answer.json()) as { headers: Record<string, string> }
    expect(seen).toMatchObject({ method: 'POST', path: '/v2/hello/blobs/uploads/?mount=1', body: 'layer' })
    expect(seen.headers).toMatchObject({ 'x-note': 'a' })
    expect(seen.headers).not.toHaveProperty('authorization')
  })

  it('says so when the registry is away', async () => {
    const alone = await serve(registryPath({ url: 'http://127.0.0.1:1', admit: async () => undefined }))
    const answer = await fetch(`${alone}/v2/`)
    expect([answer.status, answer.headers.get('x-skep-error')]).toEqual([503, 'registry_unavailable'])
  })
})
