import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { bodyOf, request } from '../../cli/http-request.ts'

it.each(['POST', 'PUT', 'DELETE'])('sends a body with %s', async (method) => {
  const server = createServer((req, res) => void text(req).then((body) => res.end(`${req.method} ${body}`)))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const answer = await request(`http://127.0.0.1:${port}/`, { method, body: '{"functionName":"größe"}' })
  expect(await bodyOf(answer)).toBe(`${method} {"functionName":"größe"}`)
  server.close()
})

it('waits for the answer on a kept connection for as long as it takes', async () => {
  const later = (res: ServerResponse): void => void setTimeout(() => res.end('at last'), 11_000)
  const server = createServer((req, res) => (req.url === '/late' ? later(res) : res.end()))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  await bodyOf(await request(`http://127.0.0.1:${port}/`))
  expect(await bodyOf(await request(`http://127.0.0.1:${port}/late`))).toBe('at last')
  server.close()
})
