import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { directEdge, listen } from './direct-edge.ts'
import type { DirectEdge } from './direct-edge.ts'
import { RawCaller } from './raw.ts'

/** A reader as lenient as they come: what the gateway lets slip, it will take for a request. */
let fn: Server
let front: DirectEdge
let seen: string[] = []

beforeAll(async () => {
  fn = createServer({ insecureHTTPParser: true, requireHostHeader: false }, (req, res) => {
    seen.push(req.url ?? '')
    req.resume().on('end', () => res.end(`seen ${req.url}.`))
  })
  front = await directEdge({ host: '127.0.0.1', port: await listen(fn) })
})

afterEach(() => {
  seen = []
})

afterAll(async () => {
  await front.close()
  fn.close()
})

const smuggled = 'GET /function/hello/smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
const last = 'GET /function/hello/last HTTP/1.1\r\nHost: x\r\n\r\n'
const start = 'POST /function/hello/first HTTP/1.1\r\nHost: x\r\n'
const inChunks = `${start}Transfer-Encoding: chunked\r\n\r\n`
const length = smuggled.length

describe('an ambiguous request never reaches the function, nor does what follows it', () => {
  it.each([
    [
      'length and chunks',
      `${start}Content-Length: ${length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    [
      'chunks and length',
      `${start}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n${smuggled}\r\n0\r\n\r\n`,
    ],
    ['two different lengths', `${start}Content-Length: 0\r\nContent-Length: ${length}\r\n\r\n${smuggled}`],
    ['the same length twice', `${start}Content-Length: ${length}\r\nContent-Length: ${length}\r\n\r\n${smuggled}`],
    ['a list of lengths', `${start}Content-Length: 0, ${length}\r\n\r\n${smuggled}`],
    ['a signed length', `${start}Content-Length: +${length}\r\n\r\n${smuggled}`],
    ['a negative length', `${start}Content-Length: -1\r\n\r\n${smuggled}`],
    ['a hexadecimal length', `${start}Content-Length: 0x3\r\n\r\n${smuggled}`],
    ['a length with a decimal point', `${start}Content-Length: 3.0\r\n\r\n${smuggled}`],
    ['a length with a blank in it', `${start}Content-Length: 1 0\r\n\r\n${smuggled}`],
    ['a length beyond all numbers', `${start}Content-Length: 99999999999999999999999\r\n\r\n${smuggled}`],
    ['an empty length', `${start}Content-Length:\r\n\r\n${smuggled}`],
    ['a blank before the colon of the length', `${start}Content-Length : ${length}\r\n\r\n${smuggled}`],
    ['a blank before the colon of the coding', `${start}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a tab before the colon of the coding', `${start}Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['the coding xchunked', `${start}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['the coding "chunked"', `${start}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n${smuggled}`],
    ['the coding identity', `${start}Transfer-Encoding: identity\r\n\r\n0\r\n\r\n${smuggled}`],
    ['chunked, then identity', `${start}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`],
    ['chunked twice', `${start}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    [
      'two headers with a coding',
      `${start}Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    ['gzip, then chunked', `${start}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a vertical tab before chunked', `${start}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['an empty coding', `${start}Transfer-Encoding:\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a coding in a folded line', `${start}X: a\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a folded coding', `${start}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a coding behind a bare line feed', `${start}X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a coding behind a bare carriage return', `${start}X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a NUL in a header', `${start}X: a\0b\r\n\r\n${smuggled}`],
    ['a header without a colon', `${start}Transfer-Encoding\r\n\r\n${smuggled}`],
    ['a header without a name', `${start}: chunked\r\n\r\n${smuggled}`],
    ['a head that ends with bare line feeds', `GET /function/hello/first HTTP/1.1\nHost: x\n\n${smuggled}`],
    [
      'chunks in HTTP/1.0',
      `POST /function/hello HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    ['two Hosts', `GET /function/hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n${smuggled}`],
    ['a Host in a folded line', `GET /function/hello HTTP/1.1\r\nHost: a\r\n Host: b\r\n\r\n${smuggled}`],
    ['no Host', `GET /function/hello HTTP/1.1\r\n\r\n${smuggled}`],
    ['HTTP/0.9', `GET /function/hello\r\n\r\n${smuggled}`],
    ['HTTP/1.2', `GET /function/hello HTTP/1.2\r\nHost: x\r\n\r\n${smuggled}`],
    ['HTTP/2.0', `GET /function/hello HTTP/2.0\r\nHost: x\r\n\r\n${smuggled}`],
    ['the preface of HTTP/2', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${smuggled}`],
    ['a header before the request line', `X: a\r\n${smuggled}`],
    ['CONNECT', `CONNECT function:80 HTTP/1.1\r\nHost: x\r\n\r\n${smuggled}`],
  ])('%s', async (_, bytes) => {
    const answer = await new RawCaller(front.port).send(bytes + last).ends()
    expect(seen).toEqual([])
    expect((answer.match(/HTTP\/1\.1 \d/g) ?? []).length).toBeLessThanOrEqual(1)
    expect(answer).toMatch(/^(?:HTTP\/1\.1 4\d\d .*)?$/s)
  })
})

describe('a broken body ends the connection, and the function sees no request after it', () => {
  it.each([
    ['a chunk’s size with 0x', `${inChunks}0x3\r\nabc\r\n0\r\n\r\n`],
    ['a signed size', `${inChunks}+3\r\nabc\r\n0\r\n\r\n`],
    ['a negative size', `${inChunks}-3\r\nabc\r\n0\r\n\r\n`],
    ['an empty size', `${inChunks}\r\nabc\r\n0\r\n\r\n`],
    ['a size with a blank before it', `${inChunks} 3\r\nabc\r\n0\r\n\r\n`],
    ['a size that overflows', `${inChunks}10000000000000003\r\nabc\r\n0\r\n\r\n`],
    ['a size that ends with a bare line feed', `${inChunks}3\nabc\r\n0\r\n\r\n`],
    ['a size that ends with a bare carriage return', `${inChunks}3\rabc\r\n0\r\n\r\n`],
    ['a chunk longer than its size', `${inChunks}3\r\nabcd\r\n0\r\n\r\n`],
    ['a chunk that ends with a bare line feed', `${inChunks}3\r\nabc\n0\r\n\r\n`],
    ['a line feed in a chunk’s extension', `${inChunks}3;a\nb\r\nabc\r\n0\r\n\r\n`],
    ['trailers that are no headers', `${inChunks}0\r\nno colon\r\n\r\n`],
    ['a length among the trailers', `${inChunks}0\r\nContent-Length: ${length}\r\n\r\n`],
  ])('%s', async (_, bytes) => {
    await new RawCaller(front.port).send(bytes + smuggled + last).ends()
    expect(seen.filter((url) => url !== '/first')).toEqual([])
  })
})

describe('an odd but clear request is one request, and the next one is the next', () => {
  it.each([
    ['a request in a body', `${start}Content-Length: ${length}\r\n\r\n${smuggled}`],
    ['a request in a chunk', `${inChunks}${length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`],
    ['a request in a chunk’s extension', `${inChunks}1;x="GET /smuggled"\r\na\r\n0\r\n\r\n`],
    ['a request in a header', `${start}X: GET /smuggled HTTP/1.1\r\nContent-Length: 0\r\n\r\n`],
    [
      'a body with GET',
      `GET /function/hello/first HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n${smuggled}`,
    ],
    ['the coding in capitals', `${start}Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n`],
    ['leading zeros', `${start}Content-Length: 000${length}\r\n\r\n${smuggled}`],
    ['a size with leading zeros', `${inChunks}0000${length.toString(16)}\r\n${smuggled}\r\n000\r\n\r\n`],
    [
      'a Connection header that names the framing',
      `${start}Connection: Content-Length, Host\r\nContent-Length: ${length}\r\n\r\n${smuggled}`,
    ],
    ['a Content_Length with an underscore', `${start}Content_Length: ${length}\r\nContent-Length: 0\r\n\r\n`],
    ['two blanks before the version', `GET /function/hello/first  HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['an empty line before it', `\r\n${start}Content-Length: 0\r\n\r\n`],
  ])('%s', async (_, bytes) => {
    const caller = new RawCaller(front.port).send(bytes + last)
    const answer = await caller.receives(/seen \/last\./)
    caller.leave()
    expect(answer.match(/seen [^.]*/g)).toEqual(['seen /first', 'seen /last'])
    expect(seen.toSorted()).toEqual(['/first', '/last'])
  })

  it('an offer of h2c', async () => {
    const caller = new RawCaller(front.port)
    caller.send(`${start}Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: ${length}\r\n\r\n${smuggled}`)
    await caller.receives(/seen \/first\./)
    await caller.send(last).receives(/seen \/last\./)
    caller.leave()
    expect(seen).toEqual(['/first', '/last'])
  })
})
