import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../helpers/until.ts'
import { directEdge } from './direct-edge.ts'
import type { DirectEdge } from './direct-edge.ts'
import { RawCaller, answerAfter, rawFunction } from './raw.ts'
import type { RawFunction, Script } from './raw.ts'

let fn: RawFunction
let front: DirectEdge

afterEach(async () => {
  await front.close()
  fn.close()
})

const afterMs = 1500
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const post = (length: number): string => `POST /function/hello HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`

async function start(answer: string | Script): Promise<RawCaller> {
  fn = await rawFunction(answer)
  const app: Parameters<typeof directEdge>[1] = { app: (req, res) => req.on('end', () => res.end('read')).resume() }
  front = await directEdge({ host: '127.0.0.1', port: fn.port }, { ...app, stallLimits: { afterMs, everyMs: 50 } })
  return new RawCaller(front.port)
}

const wait = async (times: number): Promise<void> => {
  const end = performance.now() + times * afterMs
  await until(() => performance.now() > end)
}

describe('a caller who sends no more of the body that it announced', () => {
  it('of a call is answered with 408, and the function’s connection is closed', async () => {
    const caller = await start(() => {})
    const answer = await caller.send(`${post(6)}beg`).ends()
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n.*X-Skep-Error: body_stalled\r\n.*"hint".*\n$/s)
    await until(() => fn.connections[0]?.closed)
    expect(front.outcomes).toEqual([{ kind: 'caller_left' }])
  })

  it('of anything else is answered so too', async () => {
    const caller = await start(ok)
    expect(await caller.send(`${post(6).replace('/function/hello', '/system/x')}beg`).ends()).toMatch(
      /^HTTP\/1\.1 408 /,
    )
  })

  it('is served when it goes on in time, as often as it likes', async () => {
    const caller = await start(answerAfter(/12345678$/, ok))
    caller.send(post(8))
    for (const digit of '12345678') {
      await wait(0.2)
      caller.send(digit)
    }
    expect(await caller.receives(/ok$/)).toMatch(/^HTTP\/1\.1 200 OK/)
  })
})

describe('nobody is cut', () => {
  it('who waits for the answer, or between two pieces of it', async () => {
    const caller = await start((socket) => {
      void wait(1.5).then(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nok'))
      void wait(3).then(() => socket.write('ok'))
    })
    expect(await caller.send(`${post(3)}all`).receives(/okok$/)).toMatch(/^HTTP\/1\.1 200 OK/)
  })

  it('whose body the function does not take', async () => {
    const bytes = 32 << 20
    let taken = 0
    const caller = await start((socket, _, { received }) => {
      taken = received.length
      socket.removeAllListeners('data').pause()
      void wait(1.5).then(() => socket.on('data', ({ length }) => void (taken += length)).resume())
    })
    caller.send(post(bytes)).socket.write(Buffer.alloc(bytes))
    await until(() => taken >= bytes)
    expect(front.outcomes).toEqual([])
  })
})

it('a caller who does not read its answer is cut, and one who reads is not', async () => {
  const body = Buffer.alloc(32 << 20, 'x')
  const caller = await start((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`)
    socket.write(body)
  })
  caller.socket.pause()
  const reader = new RawCaller(front.port).send('GET /function/hello HTTP/1.1\r\nHost: x\r\n\r\n')
  caller.send('GET /function/hello HTTP/1.1\r\nHost: x\r\n\r\n')
  await until(() => front.outcomes.some(({ kind }) => kind === 'caller_left'))
  await until(() => reader.received.length > body.length)
  expect(front.outcomes.map(({ kind }) => kind).toSorted()).toEqual(['caller_left', 'done'])
  caller.socket.resume()
  await once(caller.socket, 'close')
  expect(caller.received.length).toBeLessThan(body.length)
})
