import { getRequestListener } from '@hono/node-server'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CallLease, Queue } from '../../gateway/core/queue.ts'
import { Skep } from '../../gateway/core/skep.ts'
import { asyncAdminRoutes } from '../../gateway/dialects/async-admin.ts'
import { asyncResultRoutes } from '../../gateway/dialects/async-result.ts'
import { adminApp } from '../../gateway/http/app.ts'
import { admission } from '../../gateway/http/auth.ts'
import { asyncPath } from '../../gateway/http/async-path.ts'
import { edge } from '../../gateway/http/server.ts'
import type { Edge } from '../../gateway/http/server.ts'
import { queues } from '../../gateway/queues/index.ts'
import { callbackGuard } from '../../gateway/triggers/callback-guard.ts'
import { callbackUrl } from '../../gateway/triggers/callback.ts'
import { partsOf, place, revisionOf, silentLog } from '../core/place.ts'
import { listen } from '../http/direct-edge.ts'

const folder = mkdtempSync(join(tmpdir(), 'skep-routes-'))
let queue: Queue
let skep: Skep
let front: Edge
let port: number

beforeEach(async () => {
  queue = await queues.embedded(join(folder, `${crypto.randomUUID()}.db`))
  skep = new Skep(partsOf(place()))
  await skep.start()
  const guard = callbackGuard([])
  const app = adminApp({
    open: [asyncResultRoutes(queue)],
    dialects: [asyncAdminRoutes(skep, queue)],
    admit: admission({ isRight: (header) => header === 'Basic right' }),
    scrape: async () => '',
    log: silentLog,
  })
  const answer = getRequestListener(app.fetch)
  front = edge({
    invoker: skep,
    trustProxy: false,
    maySeeDetail: () => false,
    enqueue: asyncPath({
      skep,
      queue,
      checkCallback: (url) => void callbackUrl(url, guard),
      maxBodyBytes: 1000,
      trustProxy: false,
    }),
    app: (req, res) => void answer(req, res),
  })
  port = await listen(front.server)
  await skep.deploy(revisionOf('hello').spec)
})
afterEach(async () => {
  await front.close(0)
  await skep.close()
  await queue.close()
})
afterAll(() => rmSync(folder, { recursive: true }))

const ask = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, init)
const submit = (path: string, headers: Record<string, string> = {}, body: RequestInit['body'] = 'body') =>
  ask(`/async-function/${path}`, { method: 'POST', headers, body })
const admin = (method: string, path: string, body?: object) =>
  ask(path, { method, headers: { Authorization: 'Basic right' }, body: body && JSON.stringify(body) })
const idOf = (answer: Response): string => answer.headers.get('X-Call-Id') ?? ''

async function takeOne(): Promise<CallLease> {
  const [lease] = await queue.take({ max: 1, limits: new Map([['hello', 100]]), signal: AbortSignal.timeout(10_000) })
  if (!lease) throw new Error('The queue gave no call.')
  return lease
}
const answer = { status: 201, headers: ['X-A', '1'], body: Buffer.from('made'), truncated: false, durationMs: 5 }

describe('POST /async-function/', () => {
  it('answers 202 with the id of a call that is in the queue as it came', async () => {
    const body = new Uint8Array([0, 1, 254, 255])
    const said = await submit('hello/a/b%20c?x=1&y=%2F', { 'X-Mine': 'yes', 'Content-Type': 'image/png' }, body)
    expect([said.status, await said.text()]).toEqual([202, ''])
    expect(said.headers.get('X-Start-Time')).toMatch(/^\d{19}$/)
    const { call } = await takeOne()
    expect(call).toMatchObject({
      id: idOf(said),
      function: 'hello',
      target: '/a/b%20c?x=1&y=%2F',
      body: Buffer.from(body),
    })
    const headers = call.headers.filter(
      (name, at) => at % 2 === 0 && /^(x-mine|content-|x-forwarded-for|x-call|expect)/i.test(name),
    )
    expect(headers.map((name) => name.toLowerCase()).sort()).toEqual(['content-type', 'x-forwarded-for', 'x-mine'])
  })

  it('takes the long name of a function for the same function', async () => {
    await submit('hello.openfaas-fn?a')
    expect((await takeOne()).call).toMatchObject({ function: 'hello', target: '/?a' })
  })

  it('answers 404 for a function that does not exist, and keeps nothing', async () => {
    const said = await submit('nobody')
    expect([said.status, await said.json()]).toMatchObject([404, { code: 'function_not_found' }])
    expect((await queue.depth()).size).toBe(0)
  })

  it('answers 413 for a body that is too large, announced or not', async () => {
    expect((await submit('hello', {}, 'x'.repeat(1001))).status).toBe(413)
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(300))
      },
    })
    const init = { method: 'POST', body: stream, duplex: 'half' } as const
    expect((await ask('/async-function/hello', init)).status).toBe(413)
    expect((await submit('hello', {}, 'x'.repeat(1000))).status).toBe(202)
  })

  it('takes a call without a body, whatever says so', async () => {
    expect((await ask('/async-function/hello', { method: 'POST' })).status).toBe(202)
    const socket = connect(port, '127.0.0.1')
    socket.write('POST /async-function/hello HTTP/1.1\r\nHost: a\r\n\r\n')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1.1 202 /)
    socket.destroy()
    expect((await takeOne()).call.body).toHaveLength(0)
  })

  it('keeps nothing of a caller who leaves in the middle of the body', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write('POST /async-function/hello HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf')
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.destroy()
    expect((await submit('hello', { 'X-Call-Id': 'later' })).status).toBe(202)
    expect((await queue.list({}, 10)).map(({ id }) => id)).toEqual(['later'])
  })

  it('keeps the id that it was given, and makes another one when that is taken', async () => {
    expect(idOf(await submit('hello', { 'X-Call-Id': 'mine' }))).toBe('mine')
    const second = await submit('hello', { 'X-Call-Id': 'mine' })
    expect(second.status).toBe(202)
    expect(idOf(second)).not.toBe('mine')
    expect((await queue.depth()).get('hello')?.waiting).toBe(2)
  })

  it('answers a repeated submit with the id of the first', async () => {
    const first = await submit('hello', { 'Idempotency-Key': 'order 7' })
    const second = await submit('hello', { 'Idempotency-Key': 'order 7' })
    expect([second.status, idOf(second)]).toEqual([202, idOf(first)])
    expect((await queue.depth()).get('hello')?.waiting).toBe(1)
  })

  it('honours X-Delay, X-Run-At and X-Priority', async () => {
    const dueOf = async (headers: Record<string, string>) =>
      (await queue.show(idOf(await submit('hello', headers))))?.at ?? 0
    expect(Math.abs((await dueOf({ 'X-Delay': '1h' })) - Date.now() - 3_600_000)).toBeLessThan(20_000)
    const tomorrow = new Date(Date.now() + 86_400_000)
    expect(Math.abs((await dueOf({ 'X-Run-At': tomorrow.toISOString() })) - Number(tomorrow))).toBeLessThan(20_000)
    await submit('hello', { 'X-Run-At': '2001-01-01T00:00:00Z', 'X-Call-Id': 'past' })
    await submit('hello', { 'X-Priority': '9', 'X-Call-Id': 'urgent' })
    expect((await takeOne()).call.id).toBe('urgent')
    expect((await takeOne()).call.id).toBe('past')
  })

  it.each([
    [{ 'X-Delay': 'later' }, 'X-Delay'],
    [{ 'X-Run-At': 'tomorrow' }, 'X-Run-At'],
    [{ 'X-Priority': '10' }, 'X-Priority'],
    [{ 'Idempotency-Key': 'x'.repeat(300) }, 'Idempotency-Key'],
    [{ 'X-Callback-Url': 'not a url' }, 'X-Callback-Url'],
    [{ 'X-Callback-Url': 'http://169.254.169.254/latest' }, 'public'],
  ])('answers 400 for %j', async (headers, word) => {
    const said = await submit('hello', headers)
    expect([said.status, (await said.json()) as { error: string }]).toMatchObject([
      400,
      { error: expect.stringContaining(word) },
    ])
  })

  it('answers 405 for another verb', async () => {
    expect((await ask('/async-function/hello', { method: 'PUT', body: '' })).status).toBe(405)
  })
})

describe('GET /async-function/', () => {
  it('shows a call without its request, and its answer when it is done', async () => {
    const id = idOf(await submit('hello'))
    const waiting = await (await ask(`/async-function/${id}`)).json()
    expect(waiting).toMatchObject({ id, function: 'hello', state: 'waiting', attempt: 0 })
    await (await takeOne()).settle({ state: 'done', answer, keepMs: 60_000 })
    const done = await (await ask(`/async-function/${id}`)).json()
    expect(done).toMatchObject({
      state: 'done',
      attempt: 1,
      answer: { status: 201, headers: [['X-A', '1']], body: 'made' },
    })
    expect(done).not.toHaveProperty('request')
  })

  it('waits for the end when it is asked to', async () => {
    const id = idOf(await submit('hello'))
    const shown = ask(`/async-function/${id}?wait=20s`)
    await (await takeOne()).settle({ state: 'done', answer: { ...answer, body: Buffer.from([255]) }, keepMs: 60_000 })
    expect(await (await shown).json()).toMatchObject({ state: 'done', answer: { bodyBase64: '/w==' } })
  })

  it('answers 404 for a call that is not there and 422 for a wait that is none', async () => {
    expect((await ask('/async-function/nobody')).status).toBe(404)
    expect((await ask('/async-function/nobody?wait=long')).status).toBe(422)
  })
})

describe('/system/async', () => {
  const dead = { state: 'dead', reason: 'It answered 500.', answer, keepMs: 60_000 } as const
  const bury = async () => {
    const id = idOf(await submit('hello', {}, 'the order'))
    await (await takeOne()).settle(dead)
    return id
  }

  it.each([
    ['GET', '/system/async'],
    ['GET', '/system/async/calls'],
    ['GET', '/system/async/calls/x'],
    ['POST', '/system/async/retry'],
    ['POST', '/system/async/cancel'],
    ['POST', '/system/async/purge'],
    ['DELETE', '/async-function/x'],
  ])('asks for credentials: %s %s', async (method, path) => {
    expect((await ask(path, { method })).status).toBe(401)
  })

  it('counts calls by function and state', async () => {
    await bury()
    await submit('hello')
    expect(await (await admin('GET', '/system/async')).json()).toMatchObject({
      hello: { dead: 1, waiting: 1, running: 0 },
    })
  })

  it('lists calls by function, state and time', async () => {
    const id = await bury()
    const list = async (query: string) => (await admin('GET', `/system/async/calls?${query}`)).json()
    expect(await list('function=hello.openfaas-fn&state=dead&since=1h')).toMatchObject([
      { id, state: 'dead', reason: 'It answered 500.', attempt: 1, endedAt: expect.stringMatching(/Z$/) },
    ])
    expect(await list('state=waiting')).toEqual([])
    expect(await list('until=1h')).toEqual([])
    expect((await admin('GET', '/system/async/calls?state=lost')).status).toBe(422)
    expect((await admin('GET', '/system/async/calls?since=soon')).status).toBe(422)
  })

  it('shows a dead letter with its request and its last answer', async () => {
    const id = await bury()
    const shown = await (await admin('GET', `/system/async/calls/${id}`)).json()
    expect(shown).toMatchObject({
      id,
      state: 'dead',
      request: { target: '/', body: 'the order' },
      answer: { status: 201 },
    })
    expect((await admin('GET', '/system/async/calls/nobody')).status).toBe(404)
  })

  it('sends dead letters again: one, all of a function, or to a revision', async () => {
    const id = await bury()
    expect(await (await admin('POST', '/system/async/retry', { id })).json()).toEqual({ changed: 1 })
    await (await takeOne()).settle(dead)
    const retried = await admin('POST', '/system/async/retry', { function: 'hello', to: 'hello@1' })
    expect(await retried.json()).toEqual({ changed: 1 })
    expect((await queue.show(id))?.function).toBe('hello@1')
    expect((await admin('POST', '/system/async/retry', { id, to: 'nobody' })).status).toBe(404)
  })

  it('cancels and purges', async () => {
    const id = idOf(await submit('hello'))
    expect((await admin('DELETE', `/async-function/${id}`)).status).toBe(202)
    expect((await admin('DELETE', `/async-function/${id}`)).status).toBe(404)
    await submit('hello')
    expect(await (await admin('POST', '/system/async/cancel', { state: 'waiting' })).json()).toEqual({ changed: 1 })
    expect(await (await admin('POST', '/system/async/purge', { all: true })).json()).toEqual({ changed: 2 })
    expect(await queue.list({}, 10)).toEqual([])
  })

  it('changes nothing when it is not said which calls', async () => {
    await submit('hello')
    expect((await admin('POST', '/system/async/cancel', {})).status).toBe(400)
    expect((await queue.depth()).get('hello')?.waiting).toBe(1)
  })
})
