import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Carrier, Outcome } from '../../gateway/core/carrier.ts'
import type { Invocation } from '../../gateway/core/invocation.ts'
import { httpCarrier } from '../../gateway/http/carrier.ts'
import { until } from '../helpers/until.ts'
import { collectedInvocation } from './collected.ts'
import { noLimits } from './direct-edge.ts'
import { type RawFunction, rawFunction } from './raw.ts'

// As Go's server writes them, byte for byte, but for the date.
const date = 'Date: Sun, 22 Nov 2026 01:49:02 GMT\r\n'
const health = `HTTP/1.1 200 OK\r\n${date}Content-Length: 2\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\nOK`
const ready = `HTTP/1.1 200 OK\r\n${date}Content-Length: 0\r\nConnection: close\r\n\r\n`
const badRequest = `HTTP/1.1 400 Bad Request\r\n${date}Content-Length: 0\r\nConnection: close\r\n\r\n`
const early = `HTTP/1.1 500 Internal Server Error\r\nX-Duration-Seconds: 0.001442\r\n${date}Content-Length: 0\r\n\r\n`
const internal = early.replace('Date', 'X-Openfaas-Internal: of-watchdog\r\nDate')
const emptyStream = `HTTP/1.1 200 OK\r\n${date}Content-Length: 0\r\n\r\n`
const done = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Duration-Seconds: 0.1\r\n${date}Content-Length: 2\r\n\r\nok`

let carrier: Carrier
let fn: RawFunction
/** What invocations are answered, one after the other; the last one again and again. */
let answers: string[]
let invocations: string[]

beforeEach(async () => {
  carrier = httpCarrier()
  answers = []
  invocations = []
  fn = await rawFunction((socket, head) => {
    if (head.startsWith('GET /_/health ')) return void socket.end(health)
    if (head.startsWith('GET /_/ready ')) return void socket.end(ready)
    invocations.push(head)
    socket.write((answers.length > 1 ? answers.shift() : answers[0]) ?? done)
  })
})
afterEach(() => {
  carrier.close()
  fn.close()
})

const address = () => ({ host: '127.0.0.1', port: fn.port })

const probe = (patient = false): Promise<unknown> =>
  carrier.probe(address(), { timeoutMs: 20_000, signal: new AbortController().signal, patient })

const send = (invocation: Invocation, limits: Partial<typeof noLimits> = {}): Promise<Outcome> =>
  new Promise((resolve) => carrier.send(address(), invocation, { ...noLimits, ...limits }, resolve))

describe('a watchdog that says it is ready before its function listens', () => {
  it.each([
    ['500, as old ones', early, []],
    ['500, as new ones', internal, []],
    ['200 to a request for an event stream', emptyStream, ['Accept', 'text/event-stream']],
  ])('is found out by its empty %s, which no caller sees', async (_, answer, headers) => {
    answers = [answer, done]
    await probe()
    const call = collectedInvocation('POST', Buffer.from('hello'), headers)
    expect(await send(call.invocation)).toEqual({ kind: 'unready' })
    expect(call.answer).toMatchObject({ status: 0, ended: false })
    expect(await send(call.invocation)).toEqual({ kind: 'done', status: 200 })
    expect(call.answer).toMatchObject({ status: 200, body: 'ok' })
  })

  it('gets a body that had come already as a whole once more', async () => {
    answers = [early, done]
    await probe()
    const body = new PassThrough()
    body.end('hello')
    const call = collectedInvocation('POST', body)
    expect(await send(call.invocation)).toEqual({ kind: 'unready' })
    await send(call.invocation)
    await until(() => fn.connections.at(-1)?.received.endsWith('\r\n\r\nhello'))
  })

  it('gets the beginning of a body once more that still comes', async () => {
    answers = [early, done]
    await probe()
    const body = new PassThrough()
    const call = collectedInvocation('POST', body)
    body.write('hel')
    expect(await send(call.invocation)).toEqual({ kind: 'unready' })
    const second = send(call.invocation)
    body.end('lo')
    await second
    await until(() => /\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n$/.test(fn.connections.at(-1)?.received ?? ''))
  })

  it('gets only as much of a long body at first as can be sent again', async () => {
    answers = ['']
    await probe()
    const body = new PassThrough({ highWaterMark: 2 ** 20 })
    body.end(Buffer.alloc(2 ** 20, 'x'))
    const call = collectedInvocation('POST', body, ['Content-Length', String(2 ** 20)])
    const outcome = send(call.invocation)
    const received = (): number => fn.connections.at(-1)?.received.length ?? 0
    // All of it comes when no refusal has come for a while; and then it cannot be taken back.
    await until(() => received() > 2 ** 20)
    carrier.close()
    expect((await outcome).kind).toBe('failed')
  })

  it('is believed from the first answer of the function on', async () => {
    answers = [done, early]
    await probe()
    await send(collectedInvocation('GET').invocation)
    const call = collectedInvocation('GET')
    expect(await send(call.invocation)).toEqual({ kind: 'done', status: 500 })
    expect(call.answer.status).toBe(500)
  })

  it('is believed when the function had its time to start', async () => {
    answers = [early]
    await probe()
    expect(await send(collectedInvocation('GET').invocation, { startTimeoutMs: 0 })).toEqual({
      kind: 'done',
      status: 500,
    })
  })

  it.each([
    ['a reason', early.replace('Content-Length: 0\r\n\r\n', 'Content-Length: 4\r\n\r\noops')],
    ['a header of its own', early.replace('Date', 'Content-Type: text/plain\r\nDate')],
  ])('is not mistaken for a function that fails with %s', async (_, answer) => {
    answers = [answer]
    await probe()
    expect(await send(collectedInvocation('GET').invocation)).toEqual({ kind: 'done', status: 500 })
  })

  it('is watched for a while when nobody waits for it', async () => {
    const start = performance.now()
    await probe(true)
    expect(performance.now() - start).toBeGreaterThan(1900)
  })
})

it('a server that is no watchdog may answer an empty 500', async () => {
  fn.close()
  fn = await rawFunction((socket) => void socket.write(early))
  await probe()
  expect(await send(collectedInvocation('GET').invocation)).toEqual({ kind: 'done', status: 500 })
})

it('the classic watchdog is asked in a way that does not run its function', async () => {
  fn.close()
  fn = await rawFunction((socket, head) => void socket.end(head.startsWith('GET /_/health ') ? health : badRequest))
  await probe(true)
  expect(fn.connections[1]?.received).toMatch(/^GET \/_\/ready .*\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n$/s)
})
