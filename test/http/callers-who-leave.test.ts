import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../helpers/until.ts'
import { directEdge } from './direct-edge.ts'
import type { DirectEdge } from './direct-edge.ts'
import { RawCaller, rawFunction } from './raw.ts'
import type { RawFunction, Script } from './raw.ts'

let fn: RawFunction
let front: DirectEdge

afterEach(async () => {
  await front.close()
  fn.close()
})

async function start(answer: string | Script): Promise<RawCaller> {
  fn = await rawFunction(answer)
  front = await directEdge({ host: '127.0.0.1', port: fn.port })
  return new RawCaller(front.port)
}

const get = 'GET /function/hello HTTP/1.1\r\nHost: x\r\n\r\n'

describe('a caller who leaves', () => {
  it('while waiting for the answer aborts the function’s request', async () => {
    const caller = await start(() => {})
    caller.send(get)
    await until(() => fn.connections[0]?.received.endsWith('\r\n\r\n'))
    caller.leave()
    await until(() => fn.connections[0]?.closed)
    expect(front.outcomes).toEqual([{ kind: 'caller_left' }])
  })

  it('by closing only his sending side aborts it too', async () => {
    const caller = await start(() => {})
    caller.send(get)
    await until(() => fn.connections[0]?.received.endsWith('\r\n\r\n'))
    caller.socket.end()
    await until(() => fn.connections[0]?.closed)
    expect(front.outcomes).toEqual([{ kind: 'caller_left' }])
  })

  it('in the middle of an event stream aborts it', async () => {
    const caller = await start('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n')
    await caller.send(get).receives(/one/)
    caller.leave()
    await until(() => fn.connections[0]?.closed)
    expect(front.outcomes).toEqual([{ kind: 'caller_left' }])
  })

  it('in the middle of his upload aborts it, and the function sees no end of the body', async () => {
    const caller = await start(() => {})
    caller.send('POST /function/hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')
    await until(() => fn.connections[0]?.received.includes('abc'))
    caller.leave()
    await until(() => fn.connections[0]?.closed)
    expect(fn.connections[0]?.received).toMatch(/\r\n\r\n3\r\nabc\r\n$/)
    expect(front.outcomes).toEqual([{ kind: 'caller_left' }])
  })

  it('leaves the connections of others alone', async () => {
    const caller = await start((socket, head) => {
      if (head.includes('/stay'))
        setTimeout(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nstay'), 100)
    })
    const other = new RawCaller(front.port).send(get.replace('hello', 'hello/stay'))
    caller.send(get)
    await until(() => fn.connections.length === 2)
    caller.leave()
    expect(await other.receives(/stay$/)).toMatch(/^HTTP\/1\.1 200 OK/)
  })
})
