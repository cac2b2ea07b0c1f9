import { createServer, type RequestListener, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { registryPath } from '../../gateway/http/registry-path.ts'
import { listen } from './direct-edge.ts'

const right = `Basic ${Buffer.from('admin:honey').toString('base64')}`

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
    gateway = await serve(registryPath({ url: registry, isRight: (header) => header === right }))
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
    const alone = await serve(registryPath({ url: 'http://127.0.0.1:1', isRight: () => true }))
    const answer = await fetch(`${alone}/v2/`)
    expect([answer.status, answer.headers.get('x-skep-error')]).toEqual([503, 'registry_unavailable'])
  })
})
