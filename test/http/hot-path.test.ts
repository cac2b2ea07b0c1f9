import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { directEdge, listen } from './direct-edge.ts'
import type { DirectEdge } from './direct-edge.ts'

interface Echo {
  readonly method: string
  readonly url: string
  readonly headers: string[]
  readonly body: string
}

let echo: Server
let front: DirectEdge

beforeAll(async () => {
  echo = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      res.setHeader('X-Call-Id', 'an echo')
      res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.rawHeaders, body }))
    })
  })
  front = await directEdge({ host: '127.0.0.1', port: await listen(echo) })
})

afterAll(async () => {
  await front.close()
  echo.close()
})

async function call(path: string, init?: RequestInit): Promise<{ answer: Response; seen: Echo }> {
  const answer = await fetch(`http://127.0.0.1:${front.port}${path}`, init)
  return { answer, seen: (await answer.json()) as Echo }
}

const valueOf = (headers: string[], name: string): string | undefined =>
  headers.find((_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === name)

describe('an invocation over HTTP', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])('carries the method %s', async (method) => {
    const { seen } = await call('/function/hello/a', { method })
    expect(seen).toMatchObject({ method, url: '/a', body: '' })
  })

  it('carries path, query and body', async () => {
    const { seen } = await call('/function/hello/a%20b;x=1/%E4%BD%A0?q=a%2Fb//..', { method: 'POST', body: 'hi' })
    expect(seen).toMatchObject({ method: 'POST', url: '/a%20b;x=1/%E4%BD%A0?q=a%2Fb//..', body: 'hi' })
  })

  it('has one X-Call-Id and X-Start-Time, the same on request and answer', async () => {
    const { answer, seen } = await call('/function/hello')
    expect(answer.headers.get('x-call-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(answer.headers.get('x-call-id')).toBe(valueOf(seen.headers, 'x-call-id'))
    expect(answer.headers.get('x-start-time')).toMatch(/^\d{19}$/)
    expect(answer.headers.get('x-start-time')).toBe(valueOf(seen.headers, 'x-start-time'))
  })

  it('keeps a call id that the caller has chosen', async () => {
    const { answer, seen } = await call('/function/hello', { headers: { 'X-Call-Id': 'my-id' } })
    expect([answer.headers.get('x-call-id'), valueOf(seen.headers, 'x-call-id')]).toEqual(['my-id', 'my-id'])
  })

  it.each(['x'.repeat(129), 'a b', 'ä'])('replaces the call id %j', async (id) => {
    const { answer } = await call('/function/hello', { headers: { 'X-Call-Id': id } })
    expect(answer.headers.get('x-call-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('answers a failure as JSON with code, error and hint', async () => {
    const answer = await fetch(`http://127.0.0.1:${front.port}/function/nobody`)
    expect(answer.status).toBe(404)
    expect(answer.headers.get('x-skep-error')).toBe('function_not_found')
    expect(answer.headers.get('x-call-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(await answer.json()).toEqual({
      code: 'function_not_found',
      error: 'There is no function "nobody".',
      hint: 'Deploy it first.',
    })
  })

  it('answers a failure as text to a caller that takes no JSON', async () => {
    const answer = await fetch(`http://127.0.0.1:${front.port}/function/nobody`, { headers: { Accept: 'text/html' } })
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await answer.text()).toBe('There is no function "nobody".\nDeploy it first.\n')
  })

  it('leaves everything but /function/ to the app', async () => {
    for (const path of ['/', '/function', '/functions/hello', '/system/functions']) {
      const answer = await fetch(`http://127.0.0.1:${front.port}${path}`)
      expect([answer.status, answer.headers.get('x-app')]).toEqual([404, 'yes'])
    }
  })
})
