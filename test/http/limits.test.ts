import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../helpers/until.ts'
import { directEdge } from './direct-edge.ts'
import type { DirectEdge, DirectOptions } from './direct-edge.ts'
import { RawCaller, answerAfter, rawFunction } from './raw.ts'
import type { RawFunction, Script } from './raw.ts'

let fn: RawFunction
let front: DirectEdge

afterEach(async () => {
  await front.close()
  fn.close()
})

const get = 'GET /function/hello HTTP/1.1\r\nHost: x\r\n\r\n'
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

async function start(answer: string | Script, options?: DirectOptions): Promise<RawCaller> {
  fn = await rawFunction(answer)
  front = await directEdge({ host: '127.0.0.1', port: fn.port }, options)
  return new RawCaller(front.port)
}

describe('the time for an answer', () => {
  it('ends as upstream_timeout, and the function’s connection is closed', async () => {
    const caller = await start(() => {}, { limits: { timeoutMs: 200 } })
    const answer = await caller.send(get).receives(/"hint".*\n/)
    expect(answer).toMatch(/^HTTP\/1\.1 504 .*X-Skep-Error: upstream_timeout\r\n/s)
    await until(() => fn.connections[0]?.closed)
  })

  it('runs to the answer’s first byte only', async () => {
    const caller = await start(
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')
        setTimeout(() => socket.write('ok'), 600)
      },
      { limits: { timeoutMs: 200 } },
    )
    expect(await caller.send(get).receives(/ok$/)).toMatch(/^HTTP\/1\.1 200 OK.*\r\n\r\nok$/s)
  })

  it('runs from the request’s last byte only', async () => {
    const caller = await start(answerAfter(/begend$/, ok), {
      limits: { timeoutMs: 200 },
    })
    caller.send('POST /function/hello HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nbeg')
    setTimeout(() => caller.send('end'), 600)
    expect(await caller.receives(/ok$/)).toMatch(/^HTTP\/1\.1 200 OK/)
  })
})

describe('a body that is too large', () => {
  it('is refused by its length before a byte of it is read', async () => {
    const caller = await start(ok, { limits: { maxBodyBytes: 10 } })
    caller.send('POST /function/hello HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n')
    expect(await caller.receives(/"hint".*\n/)).toMatch(/^HTTP\/1\.1 413 .*X-Skep-Error: body_too_large\r\n/s)
    expect(fn.connections).toHaveLength(0)
  })

  it('in chunks is refused when it grows too large, and the function sees no end of it', async () => {
    const caller = await start(() => {}, { limits: { maxBodyBytes: 10 } })
    caller.send(
      'POST /function/hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n12345678\r\n',
    )
    expect(await caller.receives(/"hint".*\n/)).toMatch(/^HTTP\/1\.1 413 .*X-Skep-Error: body_too_large\r\n/s)
    await until(() => fn.connections[0]?.closed)
    expect(fn.connections[0]?.received).not.toMatch(/0\r\n\r\n$/)
  })

  it('still being sent does not keep the answer from a caller who only reads afterwards', async () => {
    await start(ok, { limits: { maxBodyBytes: 10 } })
    const socket = connect(front.port, '127.0.0.1')
    let answer = ''
    let reset = false
    socket.on('error', () => (reset = true))
    socket.write(`POST /function/hello HTTP/1.1\r\nHost: x\r\nContent-Length: ${4 << 20}\r\n\r\n`)
    await new Promise((resolve) => socket.write(Buffer.alloc(4 << 20), resolve))
    socket.on('data', (data) => (answer += data))
    await until(() => answer.includes('body_too_large'))
    expect(reset).toBe(false)
    socket.destroy()
  })

  it('of exactly the limit is not', async () => {
    const caller = await start(ok, { limits: { maxBodyBytes: 10 } })
    caller.send('POST /function/hello HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789')
    expect(await caller.receives(/ok$/)).toMatch(/^HTTP\/1\.1 200 OK/)
  })
})

describe('a request that says too much or too little', () => {
  it('with 101 headers is refused, and none of them was cut', async () => {
    const caller = await start(ok)
    caller.send(`GET /function/hello HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(100)}\r\n`)
    expect(await caller.ends()).toMatch(/^HTTP\/1\.1 431 .*X-Skep-Error: headers_too_large\r\n/s)
    expect(fn.connections).toHaveLength(0)
  })

  it('with 2,001 headers is refused', async () => {
    const caller = await start(ok)
    caller.send(`GET /function/hello HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(2000)}\r\n`)
    expect(await caller.ends()).toMatch(/^HTTP\/1\.1 431 /)
  })

  it('with 100 headers is not', async () => {
    const caller = await start(ok)
    caller.send(`GET /function/hello HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(99)}\r\n`)
    expect(await caller.receives(/ok$/)).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(fn.connections[0]?.received.match(/^a: b$/gm)).toHaveLength(99)
  })

  it('with more than 16 KiB of headers is refused', async () => {
    const caller = await start(ok)
    caller.send(`GET /function/hello HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(17_000)}\r\n\r\n`)
    expect(await caller.ends()).toMatch(/^HTTP\/1\.1 431 /)
  })

  it.each([
    ['two Hosts', 'GET /function/hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['the same Host twice', 'GET /function/hello HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n'],
    ['no Host', 'GET /function/hello HTTP/1.1\r\n\r\n'],
    ['chunks in HTTP/1.0', 'POST /function/hello HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['HTTP/2.0', 'GET /function/hello HTTP/2.0\r\nHost: a\r\n\r\n'],
  ])('with %s is refused, and so is everything after it', async (_, request) => {
    const caller = await start(ok)
    const answer = await caller.send(request + get).ends()
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer.match(/^HTTP\/1\.1 \d/gm)).toHaveLength(1)
    expect(fn.connections).toHaveLength(0)
  })

  it.each(['/function/../system/functions', '/function/a%2fb', 'http://evil/system/z'])(
    'with the target %s gets 400 invalid_target wherever it would have gone',
    async (target) => {
      const caller = await start(ok)
      const answer = await caller.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`).receives(/"hint".*\n/)
      expect(answer).toMatch(/^HTTP\/1\.1 400 .*X-Skep-Error: invalid_target\r\n/s)
      expect(answer).not.toContain('X-App')
    },
  )

  it('that drips its head is given up after seconds', async () => {
    const caller = await start(ok)
    caller.send('GET /function/hello HTTP/1.1\r\nX: ')
    const drip = setInterval(() => caller.send('a'), 500)
    const answer = await caller.ends()
    clearInterval(drip)
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  })
})
