import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../helpers/until.ts'
import { collectedInvocation } from './collected.ts'
import { directEdge, listen, noLimits } from './direct-edge.ts'
import type { DirectEdge } from './direct-edge.ts'
import { RawCaller, rawFunction } from './raw.ts'

const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function edgeTo(port: number): Promise<DirectEdge> {
  const front = await directEdge({ host: '127.0.0.1', port })
  closing.push(() => front.close())
  return front
}

const get = 'GET /function/hello HTTP/1.1\r\nHost: x\r\n\r\n'
const post = 'POST /function/hello HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi'
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

describe('connections to a function', () => {
  it('are used again', async () => {
    const fn = await rawFunction(ok)
    closing.push(fn.close)
    const front = await edgeTo(fn.port)
    const caller = new RawCaller(front.port)
    for (let i = 1; i <= 5; i++) await caller.send(i % 2 ? get : post).receives(new RegExp(`(?:ok.*){${i}}$`, 's'))
    expect(fn.connections).toHaveLength(1)
  })

  it.each([
    ['it says so', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
    ['it speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ['it keeps them for a second only', 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok'],
  ])('are closed after an answer when %s', async (_, answer) => {
    const fn = await rawFunction(answer)
    closing.push(fn.close)
    const front = await edgeTo(fn.port)
    await new RawCaller(front.port).send(get).receives(/ok$/)
    await until(() => fn.connections[0]?.closed)
  })

  it('that are idle are closed before the function would do it', async () => {
    const fn = await rawFunction('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 2\r\n\r\nok')
    closing.push(fn.close)
    const front = await edgeTo(fn.port)
    const start = Date.now()
    await new RawCaller(front.port).send(get).receives(/ok$/)
    await until(() => fn.connections[0]?.closed)
    expect(Date.now() - start).toBeGreaterThan(900)
  })

  it('are closed when their address is forgotten, those in use after their answer', async () => {
    const held: Socket[] = []
    const fn = await rawFunction((socket, head) => (head.includes('/wait') ? held.push(socket) : socket.write(ok)))
    closing.push(fn.close)
    const front = await edgeTo(fn.port)
    const waiting = new RawCaller(front.port).send(get.replace('hello', 'hello/wait'))
    await until(() => held.length === 1)
    await new RawCaller(front.port).send(get).receives(/ok$/)
    front.carrier.forget({ host: '127.0.0.1', port: fn.port })
    await until(() => fn.connections[1]?.closed)
    held[0]?.write(ok)
    await waiting.receives(/ok$/)
    await until(() => fn.connections[0]?.closed)
  })

  it('that the function closes at the wrong moment fail none of 400 GETs', async () => {
    let closed = 0
    const requests = new WeakMap<Socket, number>()
    const fn = createServer(({ socket }, res) => {
      const nth = (requests.get(socket) ?? 0) + 1
      requests.set(socket, nth)
      res.end('ok')
      const closeIfIdle = (): void => void (requests.get(socket) === nth && ++closed && socket.destroy())
      setTimeout(closeIfIdle, Math.random() * 3)
    })
    closing.push(() => fn.close())
    fn.keepAliveTimeout = 60_000
    const front = await edgeTo(await listen(fn))
    const statuses: number[] = []
    const callTimes = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        const answer = await fetch(`http://127.0.0.1:${front.port}/function/hello`)
        await answer.text()
        statuses.push(answer.status)
        await sleep(Math.random() * 3)
      }
    }
    await Promise.all(Array.from({ length: 10 }, () => callTimes(40)))
    expect(statuses.filter((status) => status !== 200)).toEqual([])
    expect(closed).toBeGreaterThan(100)
  })

  it('that were idle for two seconds are closed and not used for a POST: the function may be about to close them', async () => {
    const fn = await rawFunction(ok.replace('\r\n', '\r\nKeep-Alive: timeout=60\r\n'))
    closing.push(fn.close)
    const front = await edgeTo(fn.port)
    const caller = new RawCaller(front.port)
    await caller.send(get).receives(/ok$/)
    const end = performance.now() + 2000
    await until(() => performance.now() > end)
    await new RawCaller(front.port).send(post).receives(/ok$/)
    expect(fn.connections.map(({ received }) => received.slice(0, 4))).toEqual(['GET ', 'POST'])
    await until(() => fn.connections[0]?.closed)
    expect(fn.connections[1]?.closed).toBe(false)
  })

  it('that the function has closed a moment ago are not used for a POST', async () => {
    const served: Socket[] = []
    const fn = await rawFunction((socket) => served.push(socket) && socket.write(ok))
    closing.push(fn.close)
    const front = await edgeTo(fn.port)
    const address = { host: '127.0.0.1', port: fn.port }
    for (let i = 1; i <= 50; i++) {
      served.at(-1)?.destroy() // and in the same turn of the event loop:
      const { invocation, answer } = collectedInvocation('POST')
      front.carrier.send(address, invocation, noLimits, () => {})
      await until(() => answer.ended)
      expect(answer.body).toBe('ok')
    }
    expect(fn.connections).toHaveLength(50)
  })
})

describe('a request that may have had an effect', () => {
  it('is not repeated when its connection breaks', async () => {
    const fn = await rawFunction((socket, head) => (head.includes('/first') ? socket.write(ok) : socket.destroy()))
    closing.push(fn.close)
    const front = await edgeTo(fn.port)
    const caller = new RawCaller(front.port)
    await caller.send(get.replace('hello', 'hello/first')).receives(/ok$/)
    expect(await caller.send(post).receives(/"hint"/)).toMatch(/HTTP\/1\.1 502 .*X-Skep-Error: upstream_failed/s)
    expect(fn.connections.map(({ received }) => received.match(/^[A-Z]+ .*$/gm))).toEqual([
      ['GET /first HTTP/1.1', 'POST / HTTP/1.1'],
    ])
  })

  it('is repeated once on a new connection when it is a GET on a kept one', async () => {
    const fn = await rawFunction((socket, head) => (head.includes('/first') ? socket.write(ok) : socket.destroy()))
    closing.push(fn.close)
    const front = await edgeTo(fn.port)
    const caller = new RawCaller(front.port)
    await caller.send(get.replace('hello', 'hello/first')).receives(/ok$/)
    expect(await caller.send(get).receives(/"hint"/)).toMatch(/HTTP\/1\.1 502 .*X-Skep-Error: upstream_failed/s)
    expect(fn.connections.map(({ received }) => received.match(/^[A-Z]+ .*$/gm))).toEqual([
      ['GET /first HTTP/1.1', 'GET / HTTP/1.1'],
      ['GET / HTTP/1.1'],
    ])
  })
})
