import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { until } from '../helpers/until.ts'
import { directEdge, listen } from './direct-edge.ts'
import type { DirectEdge } from './direct-edge.ts'
import { RawCaller, rawFunction } from './raw.ts'

let fn: Server
let sockets: WebSocketServer
let front: DirectEdge
let paths: (string | undefined)[]

beforeEach(async () => {
  paths = []
  fn = createServer((_, res) => res.end('plain'))
  sockets = new WebSocketServer({ server: fn, handleProtocols: () => 'chat' })
  sockets.on('connection', (socket, req) => {
    paths.push(req.url)
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  front = await directEdge({ host: '127.0.0.1', port: await listen(fn) })
})

afterEach(async () => {
  await front.close()
  for (const socket of sockets.clients) socket.terminate()
  fn.close()
})

const open = (path: string): WebSocket => new WebSocket(`ws://127.0.0.1:${front.port}${path}`, ['chat'])
const handshake = (path: string, protocol = 'websocket'): string =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`

describe('a WebSocket', () => {
  it('passes through, with its path and its protocol', async () => {
    const socket = open('/function/hello/chat?room=1')
    const echoes: string[] = []
    socket.on('message', (data: Buffer) => echoes.push(data.toString()))
    socket.on('open', () => socket.send('one'))
    await until(() => echoes.includes('one'))
    expect([socket.protocol, paths]).toEqual(['chat', ['/chat?room=1']])
    const large = 'x'.repeat(5_000_000)
    socket.send(large)
    await until(() => echoes.includes(large))
    socket.close()
  })

  it('holds its lease until both ends have closed', async () => {
    const socket = open('/function/hello')
    await until(() => socket.readyState === WebSocket.OPEN)
    expect(front.leases()).toBe(1)
    socket.close()
    await until(() => front.leases() === 0)
  })

  it('gives its lease back when the caller vanishes', async () => {
    const socket = open('/function/hello')
    await until(() => socket.readyState === WebSocket.OPEN)
    socket.terminate()
    await until(() => front.leases() === 0)
    await until(() => sockets.clients.size === 0)
  })

  it('ends for the caller when the function ends it', async () => {
    const socket = open('/function/hello')
    let code = 0
    socket.on('close', (closeCode) => (code = closeCode))
    await until(() => socket.readyState === WebSocket.OPEN)
    for (const client of sockets.clients) client.close(4001)
    await until(() => code === 4001)
    await until(() => front.leases() === 0)
  })

  it('may be written to before the answer to its handshake', async () => {
    const caller = new RawCaller(front.port)
    caller.send(`${handshake('/function/hello')}\x81\x82\0\0\0\0hi`)
    expect(await caller.receives(/\x81.hi$/s)).toMatch(
      /^HTTP\/1\.1 101 .*\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/s,
    )
    caller.leave()
  })
})

describe('an upgrade', () => {
  it('to an unknown function is answered with the failure', async () => {
    const answer = await new RawCaller(front.port).send(handshake('/function/nobody')).ends()
    expect(answer).toMatch(/^HTTP\/1\.1 404 .*X-Skep-Error: function_not_found\r\n.*"hint"/s)
  })

  it('behind a request that is not answered yet ends the connection, and nothing else', async () => {
    const raw = await rawFunction(() => {})
    const edge = await directEdge({ host: '127.0.0.1', port: raw.port })
    const caller = new RawCaller(edge.port).send('GET /function/hello HTTP/1.1\r\nHost: x\r\n\r\n')
    await until(() => raw.connections.length === 1)
    expect(await caller.send(handshake('/function/hello')).ends()).toBe('')
    expect(await new RawCaller(edge.port).send(handshake('/function/nobody')).ends()).toMatch(/^HTTP\/1\.1 404 /)
    await edge.close()
    raw.close()
  })

  it('with an ambiguous target is refused', async () => {
    const answer = await new RawCaller(front.port).send(handshake('/function/hello/../x')).ends()
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*X-Skep-Error: invalid_target\r\n/s)
    expect(front.leases()).toBe(0)
  })

  it('anywhere but under /function/ is answered as if it had not been asked for', async () => {
    const caller = new RawCaller(front.port).send(handshake('/system/functions'))
    expect(await caller.receives(/the app/)).toMatch(/^HTTP\/1\.1 404 .*X-App: yes/s)
  })

  it('that the function does not want gets the function’s answer, and nothing after it reaches the function', async () => {
    sockets.close()
    fn.removeAllListeners('upgrade')
    const caller = new RawCaller(front.port).send(handshake('/function/hello', 'other'))
    caller.send('GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n')
    const answer = await caller.ends()
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n.*plain/s)
    expect(answer.match(/^HTTP\/1\.1 \d/gm)).toHaveLength(1)
    await until(() => front.leases() === 0)
  })

  it.each([
    ['garbage', 'nonsense\r\n\r\n', 'upstream_invalid'],
    ['nothing', '', 'upstream_failed'],
  ])('answered with %s is a 502', async (_, bytes, code) => {
    const raw = await rawFunction((socket) => socket.end(bytes))
    const edge = await directEdge({ host: '127.0.0.1', port: raw.port })
    const answer = await new RawCaller(edge.port).send(handshake('/function/hello')).ends()
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 502 .*X-Skep-Error: ${code}\r\n`, 's'))
    await until(() => edge.leases() === 0)
    await edge.close()
    raw.close()
  })

  it('to a replica that is not there is a 502', async () => {
    const edge = await directEdge({ host: '127.0.0.1', port: 1 })
    const answer = await new RawCaller(edge.port).send(handshake('/function/hello')).ends()
    expect(answer).toMatch(/^HTTP\/1\.1 502 .*X-Skep-Error: upstream_failed\r\n/s)
    expect(edge.leases()).toBe(0)
    await edge.close()
  })
})
