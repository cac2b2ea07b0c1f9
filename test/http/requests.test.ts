import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../helpers/until.ts'
import { directEdge } from './direct-edge.ts'
import type { DirectEdge, DirectOptions } from './direct-edge.ts'
import { RawCaller, answerAfter, rawFunction } from './raw.ts'
import type { RawFunction } from './raw.ts'

let fn: RawFunction
let front: DirectEdge

afterEach(async () => {
  await front.close()
  fn.close()
})

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** What the function sees of these bytes. */
async function seen(request: string, options?: DirectOptions): Promise<string> {
  fn = await rawFunction(ok)
  front = await directEdge({ host: '127.0.0.1', port: fn.port }, options)
  await new RawCaller(front.port).send(request).receives(/ok$/)
  return fn.connections[0]?.received ?? ''
}

describe('a request', () => {
  it('keeps its target byte for byte', async () => {
    const target = '/a%20b;x=1/%E4%BD%A0/~!$&()*+,=:@?q=a%2Fb//..&r=\\#%00'
    expect(await seen(`GET /function/hello${target} HTTP/1.1\r\nHost: x\r\n\r\n`)).toContain(
      `GET ${target} HTTP/1.1\r\n`,
    )
  })

  it('keeps every header with its case, order, duplicates and bytes, and gets the replica as its Host', async () => {
    const head = await seen(
      'GET /function/hello HTTP/1.1\r\nX-B: 2\r\nhost: gateway:8080\r\nx-a: 1\r\nAccept: a\r\nAccept: b\r\nAuthorization: Basic eA==\r\nX-Byte: \xe4\r\n\r\n',
    )
    expect(head).toContain(
      '\r\nX-B: 2\r\nx-a: 1\r\nAccept: a\r\nAccept: b\r\nAuthorization: Basic eA==\r\nX-Byte: \xe4\r\n',
    )
    expect(head.match(/^host: .*$/gim)).toEqual([`Host: 127.0.0.1:${fn.port}`])
  })

  it('loses what is hop-by-hop, also what its Connection header names', async () => {
    const head = await seen(
      'GET /function/hello HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, X-Drop\r\nX-Drop: 1\r\nKeep-Alive: 1\r\nTE: trailers\r\nProxy-Authorization: Basic eA==\r\nProxy-Connection: close\r\nUpgrade-Insecure-Requests: 1\r\n\r\n',
    )
    expect(head).not.toMatch(/^(?:connection|x-drop|keep-alive|te|proxy-.*):/im)
    expect(head).toContain('Upgrade-Insecure-Requests: 1')
  })

  it('is not stripped of what Skep adds by a Connection header that names it', async () => {
    const head = await seen(
      'POST /function/hello HTTP/1.1\r\nHost: x\r\nConnection: X-Forwarded-For, X-Call-Id, Content-Length, Host\r\nContent-Length: 2\r\n\r\nhi',
    )
    expect(head).toMatch(/^X-Forwarded-For: 127\.0\.0\.1\r\n/m)
    expect(head).toMatch(/^X-Call-Id: .+\r\n/m)
    expect(head).toMatch(/^Host: .+\r\n/m)
    expect(head).toMatch(/^hi$/m)
  })

  it('says where it came from, and does not believe what the caller says about that', async () => {
    const head = await seen(
      'GET /function/hello HTTP/1.1\r\nHost: public.example\r\nX-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nX_Forwarded_For: evil\r\nX-Forwarded-Port: 1\r\nForwarded: for=evil\r\n\r\n',
    )
    expect(head.match(/^(?:x.)?forwarded.*$/gim)).toEqual([
      'X-Forwarded-For: 10.0.0.1, 127.0.0.1',
      'X-Forwarded-Proto: http',
      'X-Forwarded-Host: public.example',
    ])
  })

  it('keeps what a trusted proxy says about its origin', async () => {
    const head = await seen(
      'GET /function/hello HTTP/1.1\r\nHost: skep\r\nX-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: public.example\r\n\r\n',
      { trustProxy: true },
    )
    expect(head.match(/^x-forwarded.*$/gim)).toEqual([
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: public.example',
      'X-Forwarded-For: 10.0.0.1, 127.0.0.1',
    ])
  })

  it('has no X-Skep header of the caller’s but the wish for a revision', async () => {
    const head = await seen(
      'GET /function/hello HTTP/1.1\r\nHost: x\r\nX-Skep-Admin: 1\r\nx-skep-revision: 3\r\nX-Start-Time: 1\r\n\r\n',
    )
    expect(head.match(/^x-(?:skep|start).*$/gim)).toEqual(['x-skep-revision: 3', expect.stringMatching(/\d{19}$/)])
  })

  it('with a length arrives with that length', async () => {
    const head = await seen('POST /function/hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello')
    expect(head).toMatch(/\r\nContent-Length: 5\r\n\r\nhello$/)
    expect(head).not.toMatch(/transfer-encoding/i)
  })

  it('in chunks arrives in chunks, without their extensions and with harmless trailers only', async () => {
    fn = await rawFunction(answerAfter(/\r\n0\r\n/, ok))
    front = await directEdge({ host: '127.0.0.1', port: fn.port })
    const caller = new RawCaller(front.port)
    caller.send('POST /function/hello HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n')
    await until(() => fn.connections[0]?.received.includes('abc'))
    caller.send('2\r\nde\r\n0\r\nX-Sum: 5\r\nX-Forwarded-For: evil\r\n\r\n')
    await caller.receives(/ok$/)
    expect(fn.connections[0]?.received).toMatch(
      /\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n$/,
    )
  })

  it.each([
    ['GET', /\r\n\r\n$/, /content-length|transfer-encoding/i],
    ['POST', /\r\nContent-Length: 0\r\n\r\n$/, /transfer-encoding/i],
  ])('%s without a body says so as its method needs it', async (method, expected, unexpected) => {
    const head = await seen(`${method} /function/hello HTTP/1.1\r\nHost: x\r\n\r\n`)
    expect(head).toMatch(expected)
    expect(head).not.toMatch(unexpected)
  })

  it('that offers HTTP/2 is answered in HTTP/1.1, and the offer is not passed on', async () => {
    const head = await seen(
      'POST /function/hello HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nContent-Length: 2\r\n\r\nhi',
    )
    expect(head).not.toMatch(/upgrade|http2/i)
    expect(head).toMatch(/\r\n\r\nhi$/)
  })
})

describe('Expect: 100-continue', () => {
  const expecting = 'POST /function/hello HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n'

  it('is asked of the function, and its 100 reaches the caller before the body is sent', async () => {
    fn = await rawFunction((socket) => {
      socket.write('HTTP/1.1 100 Continue\r\n\r\n')
      socket.once('data', () => socket.write(ok))
    })
    front = await directEdge({ host: '127.0.0.1', port: fn.port })
    const caller = new RawCaller(front.port).send(expecting)
    expect(await caller.receives(/\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    expect(fn.connections[0]?.received).toMatch(/\r\nExpect: 100-continue\r\n/)
    expect(await caller.send('hello').receives(/ok$/)).toMatch(/HTTP\/1\.1 200 OK/)
    expect(fn.connections[0]?.received).toMatch(/\r\n\r\nhello$/)
  })

  it('may be refused by the function, and then no 100 is sent', async () => {
    fn = await rawFunction('HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno')
    front = await directEdge({ host: '127.0.0.1', port: fn.port })
    expect(await new RawCaller(front.port).send(expecting).ends()).toMatch(/^HTTP\/1\.1 417 .*no$/s)
  })

  it('is answered by the gateway itself when the body is too large', async () => {
    fn = await rawFunction(ok)
    front = await directEdge({ host: '127.0.0.1', port: fn.port }, { limits: { maxBodyBytes: 4 } })
    expect(await new RawCaller(front.port).send(expecting).ends()).toMatch(/^HTTP\/1\.1 413 /)
    expect(fn.connections).toHaveLength(0)
  })

  it('for anything but a function is a yes', async () => {
    fn = await rawFunction(ok)
    front = await directEdge({ host: '127.0.0.1', port: fn.port })
    const answer = new RawCaller(front.port).send(expecting.replace('/function/hello', '/system/functions'))
    expect(await answer.receives(/the app/)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 404 /)
  })
})
