import { describe, expect, it } from 'vitest'
import { json } from '../helpers/json.ts'
import { withHandler } from '../helpers/with-handler.ts'

describe('node-lambda', () => {
  const lambda = (source: string) => ({ runtime: 'node-lambda', files: { 'index.js': `exports.handler = ${source}` } })

  it('tells the request as a function URL does', () =>
    withHandler(lambda('async (event) => event'), async (running) => {
      const init = {
        ...json({ a: 1 }),
        headers: { 'content-type': 'application/json', cookie: 'a=1; b=2', 'x-call-id': 'c1' },
      }
      const event = await (await fetch(`${running.url}/x/y?a=1&a=2&b=%20`, init)).json()
      expect(event).toMatchObject({
        version: '2.0',
        rawPath: '/x/y',
        rawQueryString: 'a=1&a=2&b=%20',
        cookies: ['a=1', 'b=2'],
        queryStringParameters: { a: '1,2', b: ' ' },
        headers: { 'content-type': 'application/json' },
        requestContext: { http: { method: 'POST', path: '/x/y' }, requestId: 'c1', stage: '$default' },
        body: '{"a":1}',
        isBase64Encoded: false,
      })
    }))

  it('gives bytes as base64, and takes them so', () =>
    withHandler(
      lambda('async ({ body, isBase64Encoded }) => ({ statusCode: 200, body, isBase64Encoded })'),
      async (running) => {
        const body = Buffer.from([0, 255, 10, 128])
        const init = { method: 'POST', body, headers: { 'content-type': 'application/octet-stream' } }
        const answer = await fetch(running.url, init)
        expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true)
      },
    ))

  it.each([
    [
      'a status, headers and cookies',
      'async () => ({ statusCode: 201, headers: { "x-a": "1" }, cookies: ["a=1", "b=2"], body: "made" })',
      201,
      'made',
    ],
    ['an object without a status', 'async () => ({ a: 1 })', 200, '{"a":1}'],
    ['text', 'async () => "hi"', 200, 'hi'],
    ['a callback', '(event, context, callback) => { setTimeout(callback, 10, null, "later") }', 200, 'later'],
    ['its context', '(event, context) => context.succeed(context.functionName)', 200, 'function'],
    ['the time that is left', 'async (event, context) => context.getRemainingTimeInMillis() > 50000', 200, 'true'],
    ['an error', 'async () => { throw new Error("no honey") }', 500, '{"error":"no honey"}'],
    [
      'an error that is called back',
      '(event, context, callback) => callback(new Error("no honey"))',
      500,
      '{"error":"no honey"}',
    ],
  ])('answers with %s', (_, source, status, text) =>
    withHandler(lambda(source), async (running) => {
      const answer = await fetch(running.url)
      expect([answer.status, await answer.text()]).toEqual([status, text])
      if (status === 201) expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    }),
  )

  it('finds the function that _HANDLER names', () => {
    const handler = { runtime: 'node-lambda', files: { 'app.js': 'exports.run = async () => "ran"' } }
    return withHandler({ ...handler, environment: { _HANDLER: 'app.run' } }, async (running) => {
      expect(await (await fetch(running.url)).text()).toBe('ran')
    })
  })
})
