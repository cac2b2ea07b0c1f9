import type { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { until } from '../helpers/until.ts'
import { directEdge } from './direct-edge.ts'
import { RawCaller, rawFunction } from './raw.ts'

const get = 'GET /function/hello HTTP/1.1\r\nHost: x\r\n\r\n'
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

it('closing takes no more connections, closes idle ones and finishes what is under way', async () => {
  let held: Socket | undefined
  const fn = await rawFunction((socket, head) => (head.includes('/wait') ? (held = socket) : socket.write(ok)))
  const front = await directEdge({ host: '127.0.0.1', port: fn.port })
  const idle = new RawCaller(front.port)
  await idle.send(get).receives(/ok$/)
  const busy = new RawCaller(front.port).send(get.replace('hello', 'hello/wait'))
  await until(() => held)
  const closed = front.edge.close(20_000)
  await idle.ends()
  expect(await new RawCaller(front.port).ends()).toBe('')
  held?.write(ok)
  expect(await busy.ends()).toMatch(/^HTTP\/1\.1 200 OK.*ok$/s)
  await closed
  front.carrier.close()
  fn.close()
})

it('closing cuts what has not ended in its time', async () => {
  const fn = await rawFunction((socket) => {
    if (fn.connections.length === 2) socket.write('HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n')
  })
  const front = await directEdge({ host: '127.0.0.1', port: fn.port })
  const waiting = new RawCaller(front.port).send(get)
  await until(() => fn.connections.length === 1)
  const upgraded = new RawCaller(front.port).send(
    get.replace('\r\n\r\n', '\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'),
  )
  await upgraded.receives(/^HTTP\/1\.1 101/)
  await front.edge.close(200)
  await Promise.all([waiting.ends(), upgraded.ends()])
  await until(() => fn.connections.every(({ closed }) => closed))
  expect(front.outcomes).toEqual([{ kind: 'caller_left' }])
  front.carrier.close()
  fn.close()
})

it('a request on a kept connection while closing is still answered, and is the last', async () => {
  let held: Socket | undefined
  const fn = await rawFunction((socket, head) => (head.includes('/wait') ? (held = socket) : socket.write(ok)))
  const front = await directEdge({ host: '127.0.0.1', port: fn.port })
  const caller = new RawCaller(front.port).send(get.replace('hello', 'hello/wait'))
  await until(() => held)
  const closed = front.edge.close(20_000)
  caller.send(get) // pipelined behind the one that is under way
  await until(() => fn.connections.length === 2)
  held?.write(ok)
  expect((await caller.ends()).match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2)
  await closed
  front.carrier.close()
  fn.close()
})
