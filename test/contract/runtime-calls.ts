import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { notRun } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'
import type { RunningHandler, RuntimeCannot } from './runtime.ts'

/** What a handler sees. */
export function describeRequests(running: () => RunningHandler, cannot: RuntimeCannot): void {
  describe('parsed', notRun(cannot.parseBodies), () => {
    describeParsed(running)
  })

  it('takes and gives 10 MB of any bytes', async () => {
    const body = randomBytes(10 * 1024 * 1024)
    const answer = await fetch(`${running().url}/bytes`, { method: 'POST', body })
    expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    expect(body.equals(Buffer.from(await answer.arrayBuffer()))).toBe(true)
  })

  it('knows the id of the call', async () => {
    const answer = await fetch(`${running().url}/call-id`, { headers: { 'X-Call-Id': 'abc-1' } })
    expect(await answer.text()).toBe('abc-1')
  })

  it('prints its own lines as they are', async () => {
    await fetch(`${running().url}/say?text=hello+bees`)
    const lines = () => running().logs().split('\n')
    await until(() => lines().length > 2)
    expect(lines()).toEqual(expect.arrayContaining(['hello bees', 'HELLO BEES']))
  })
}

function describeParsed(running: () => RunningHandler): void {
  const echo = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${running().url}/echo${path}`, { method: 'POST', ...init })
    return (await answer.json()) as Record<string, unknown>
  }
  const post = (type: string, body: string) => echo('', { headers: { 'content-type': type }, body })

  it('sees method, path, query and headers', async () => {
    const seen = await echo('?a=1&b=x%20y&a=2', { method: 'PUT', headers: { 'X-Test': 'yes' } })
    expect(seen).toMatchObject({ method: 'PUT', path: '/echo', query: { a: ['1', '2'], b: 'x y' }, header: 'yes' })
  })

  it.each([
    ['JSON as what it says', 'application/json', '{"a":[1,"é"]}', { a: [1, 'é'] }],
    ['every kind of JSON', 'application/vnd.api+json; charset=utf-8', '7', 7],
    ['text as text', 'text/plain', 'grüße', 'grüße'],
    ['a form as its fields', 'application/x-www-form-urlencoded', 'a=1&b=x+y', { a: '1', b: 'x y' }],
    ['an empty body as nothing', 'application/json', '', ''],
  ])('sees %s', async (_, type, body, expected) => {
    expect(await post(type, body)).toMatchObject({ body: expected, text: body })
  })

  it('is not called with JSON that is none', async () => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":' }
    const answer = await fetch(`${running().url}/echo`, init)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({ error: expect.stringMatching(/not JSON/) })
  })
}

/** What a caller gets. */
export function describeAnswers(running: () => RunningHandler): void {
  const json = 'application/json'
  const plain = 'text/plain; charset=utf-8'
  it.each([
    ['text', '/text', 200, plain, 'grüße 🐝'],
    ['nothing', '/nothing', 200, null, ''],
    ['an object', '/object', 200, json, '{"list":[1,null,"é"]}'],
    ['a number', '/number', 200, json, '42'],
    ['an object with a status that is no number, which is data', '/data', 200, json, '{"status":"Hello World"}'],
    ['a status and a body', '/answer', 201, json, '{"made":true}'],
    ['a content type of its own', '/html', 200, 'text/html', '<p>hi</p>'],
    ['a status without a body', '/empty', 204, null, ''],
    ['an error, with its message and no more', '/throw', 500, json, '{"error":"the bees are out"}'],
  ])('answers with %s', async (_, path, status, type, body) => {
    const answer = await fetch(running().url + path)
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([status, type, body])
    expect(answer.headers.get('x-duration-seconds')).toMatch(/^\d+\.\d{6}$/)
  })

  it('sets headers, also one several times', async () => {
    const { headers } = await fetch(`${running().url}/answer`)
    expect(headers.get('x-made')).toBe('yes')
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it('keeps the stack of an error in the log', async () => {
    await fetch(`${running().url}/throw`)
    const isThere = /the bees are out[^]*[Hh]andler\.\w+|[Hh]andler\.\w+[^]*the bees are out/
    await until(() => isThere.test(running().logs()))
  })

  it('answers HEAD with the head of the answer', async () => {
    const answer = await fetch(`${running().url}/text`, { method: 'HEAD' })
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([200, '12', ''])
  })

  it('goes on when a caller has left in the middle of an answer', async () => {
    const left = new AbortController()
    const answer = await fetch(`${running().url}/stream`, { signal: left.signal })
    await answer.body?.getReader().read()
    left.abort()
    await fetch(`${running().url}/next`)
    expect(await (await fetch(`${running().url}/text`)).text()).toBe('grüße 🐝')
  })

  it('streams: a part arrives before the next one is made', async () => {
    const answer = await fetch(`${running().url}/stream`)
    const parts = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await parts?.read())?.value).toBe('first\n')
    await fetch(`${running().url}/next`)
    expect((await parts?.read())?.value).toBe('last\n')
    expect((await parts?.read())?.done).toBe(true)
  })
}
