import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { directEdge } from './direct-edge.ts'
import type { DirectEdge } from './direct-edge.ts'
import { RawCaller, rawFunction, unchunked } from './raw.ts'
import type { RawFunction, Script } from './raw.ts'

let fn: RawFunction
let front: DirectEdge

afterEach(async () => {
  await front.close()
  fn.close()
})

/** A caller of a function that answers like this. */
async function callerOf(answer: string | Script): Promise<RawCaller> {
  fn = await rawFunction(answer)
  front = await directEdge({ host: '127.0.0.1', port: fn.port })
  return new RawCaller(front.port)
}

const request = (method: string, version = '1.1'): string =>
  `${method} /function/hello HTTP/${version}\r\nHost: x\r\n\r\n`
const get = request('GET')

describe('an answer', () => {
  it('keeps its status, its reason and every header with its case, order and duplicates', async () => {
    const caller = await callerOf(
      'HTTP/1.1 299 Quite Fine\r\nX-B: 2\r\nx-a: 1\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nX-Empty:\r\nX-Byte: \xe4\r\nContent-Length: 2\r\n\r\nok',
    )
    const answer = await caller.send(get).receives(/ok$/)
    expect(answer).toMatch(/^HTTP\/1\.1 299 Quite Fine\r\n/)
    expect(answer).toMatch(
      /\r\nX-B: 2\r\nx-a: 1\r\nSet-Cookie: a=1; Path=\/\r\nSet-Cookie: b=2\r\nX-Empty: ?\r\nX-Byte: \xe4\r\n/,
    )
  })

  it('loses what is hop-by-hop, also what its Connection header names', async () => {
    const caller = await callerOf(
      'HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Drop\r\nX-Drop: 1\r\nKeep-Alive: timeout=9\r\nProxy-Authenticate: Basic\r\nX-Keep: 1\r\nContent-Length: 2\r\n\r\nok',
    )
    const answer = await caller.send(get).receives(/ok$/)
    expect(answer).toContain('X-Keep: 1')
    expect(answer).not.toMatch(/x-drop|proxy-authenticate|timeout=9/i)
  })

  it('is not decoded, followed or otherwise touched: gzip and 3xx', async () => {
    const caller = await callerOf(
      'HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b~~',
    )
    const answer = await caller.send(get).receives(/~~$/)
    expect(answer).toMatch(/^HTTP\/1\.1 302 Found\r\n.*Location: http:\/\/elsewhere\/\r\nContent-Encoding: gzip\r\n/s)
  })

  it('to HEAD keeps its Content-Length, has no body, and leaves the connection usable', async () => {
    const caller = await callerOf('HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n')
    await caller.send(request('HEAD')).receives(/\r\n\r\n$/)
    const answers = await caller.send(request('HEAD')).receives(/\r\n\r\nHTTP.*\r\n\r\n$/s)
    expect(answers.match(/Content-Length: 1234/g)).toHaveLength(2)
    expect(fn.connections).toHaveLength(1)
  })

  it.each([
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n'],
    ['304 with a length', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 99\r\n\r\n'],
    ['304 with chunks announced', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ])('without a body (%s) ends at its head', async (_, bytes) => {
    const caller = await callerOf(bytes)
    await caller.send(get).receives(/\r\n\r\n$/)
    const answers = await caller.send(get).receives(/\r\n\r\nHTTP.*\r\n\r\n$/s)
    expect(answers).not.toMatch(/chunked|connection: close/i)
    expect(front.outcomes.map(({ kind }) => kind)).toEqual(['done', 'done'])
  })

  it('of 103 and 102 arrives before the final one', async () => {
    const caller = await callerOf(
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    )
    const answer = await caller.send(get).receives(/ok$/)
    expect(answer).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload\r\nLink: <\/b\.js>\r\n\r\nHTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 200 OK\r\n/,
    )
  })

  it('of 103 is kept from a caller who speaks HTTP/1.0', async () => {
    const caller = await callerOf(
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    )
    expect(await caller.send(request('GET', '1.0')).ends()).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  })

  it('in chunks arrives in chunks, with its trailers', async () => {
    const caller = await callerOf(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\nContent-Length: 9\r\n\r\n',
    )
    const answer = await caller.send(get).receives(/0\r\n.*\r\n\r\n$/s)
    expect(answer).toContain('\r\nTrailer: X-Sum\r\n')
    expect(unchunked(answer)).toBe('abcde')
    expect(answer).toMatch(/\r\n0\r\nX-Sum: 5\r\n\r\n$/)
  })

  it('in chunks reaches a caller who speaks HTTP/1.0 without them', async () => {
    const caller = await callerOf(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 5\r\n\r\n',
    )
    expect(await caller.send(request('GET', '1.0')).ends()).toMatch(/\r\n\r\nabc$/)
  })

  it('that ends with the connection arrives whole', async () => {
    const caller = await callerOf((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nall of it'))
    expect(unchunked(await caller.send(get).receives(/0\r\n\r\n$/))).toBe('all of it')
  })

  it('streams: the head and each event arrive when the function writes them', async () => {
    let events: Socket | undefined
    const caller = await callerOf((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n')
      events = socket
    })
    expect(await caller.send(get).receives(/\r\n\r\n$/)).toMatch(/^HTTP\/1\.1 200 OK/)
    events?.write('8\r\ndata: 1\n\r\n')
    await caller.receives(/data: 1/)
    events?.write('8\r\ndata: 2\n\r\n')
    await caller.receives(/data: 2/)
    events?.write('0\r\n\r\n')
    await caller.receives(/0\r\n\r\n$/)
  })

  it('may come before the request has ended', async () => {
    const caller = await callerOf('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly')
    caller.send('POST /function/hello HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf')
    expect(await caller.receives(/early$/)).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(front.outcomes).toEqual([{ kind: 'done', status: 200 }])
  })
})

describe('an answer that is cut', () => {
  it.each([
    ['in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab', /\r\n\r\n2\r\nab\r\n$/],
    ['before its length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab', /\r\n\r\nab$/],
  ])('%s ends visibly at the caller', async (_, bytes, received) => {
    const caller = await callerOf((socket) => socket.end(bytes))
    expect(await caller.send(get).ends()).toMatch(received)
    expect(front.outcomes).toEqual([{ kind: 'cut' }])
  })

  it('ends visibly even for a caller who speaks HTTP/1.0', async () => {
    const caller = await callerOf((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'),
    )
    let reset = false
    caller.socket.on('error', () => (reset = true))
    await caller.send(request('GET', '1.0')).ends()
    expect(reset).toBe(true)
  })

  it('by garbage after its head ends visibly too', async () => {
    const caller = await callerOf('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n')
    expect(await caller.send(get).ends()).not.toMatch(/0\r\n\r\n$/)
    expect(front.outcomes).toEqual([{ kind: 'cut' }])
  })
})

describe('what is no valid answer', () => {
  it.each([
    ['garbage', 'SSH-2.0-OpenSSH_9\r\n\r\n'],
    ['HTTP/2', 'HTTP/2 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of 000', 'HTTP/1.1 000 OK\r\n\r\n'],
    ['length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok'],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['a folded header', 'HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n'],
    ['a blank before the colon', 'HTTP/1.1 200 OK\r\nX-A : 1\r\nContent-Length: 0\r\n\r\n'],
    ['a header without a colon', 'HTTP/1.1 200 OK\r\nX-A\r\nContent-Length: 0\r\n\r\n'],
    ['a bare line feed', 'HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n'],
    ['a bare carriage return', 'HTTP/1.1 200 OK\r\nX-A: a\rb\r\nContent-Length: 0\r\n\r\n'],
    ['a NUL', 'HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n'],
    ['a switch of protocols that nobody asked for', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n'],
    ['a head without end', `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(70_000)}`],
  ])('is a 502 and nothing of it is passed on: %s', async (_, bytes) => {
    const caller = await callerOf(bytes)
    const answer = await caller.send(get).receives(/"hint".*\n/)
    expect(answer).toMatch(/^HTTP\/1\.1 502 .*\r\nX-Skep-Error: upstream_invalid\r\n/s)
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(front.outcomes).toMatchObject([{ kind: 'failed', error: { code: 'upstream_invalid' } }])
  })

  it('is a 502 upstream_failed when the connection ends without a byte', async () => {
    const caller = await callerOf((socket) => socket.end())
    expect(await caller.send(get).receives(/"hint".*\n/)).toMatch(
      /^HTTP\/1\.1 502 .*X-Skep-Error: upstream_failed\r\n/s,
    )
  })

  it('does not reach the next caller: bytes after an answer end the connection', async () => {
    const caller = await callerOf(
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
    )
    await caller.send(get).receives(/ok$/)
    const answers = await caller.send(get).receives(/ok.*ok$/s)
    expect(answers).not.toContain('evil')
    expect(fn.connections).toHaveLength(2)
  })
})
