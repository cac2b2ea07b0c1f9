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
    [
      'no status',
      'async () => ({ statusCode: "x" })',
      500,
      '{"error":"The handler answered with statusCode \\"x\\"."}',
    ],
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

  it('says which clients of AWS are no dependency here', () =>
    withHandler(
      { runtime: 'node-lambda', files: { 'index.mjs': 'import "@aws-sdk/client-none"' } },
      async (running) => {
        const said = await (await fetch(running.url)).text() // which waits for the handler
        expect(said).toContain('Lambda brings @aws-sdk/client-none along; here it is a dependency in package.json.')
      },
    ))

  it.each([
    ['that never calls back', '(event, context) => { console.log("done") }', 'null'],
    [
      'that returns something beside it',
      '(event, context, callback) => setTimeout(callback, 10, null, "later")',
      'later',
    ],
    ['that ends with its work', '(event, context) => void setTimeout(console.log, 20, "late")', 'null'],
  ])('answers for a handler without a promise %s', (_, source, text) =>
    withHandler(lambda(source), async (running) => {
      const answers = await Promise.all([fetch(running.url), fetch(running.url)])
      expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual([text, text])
    }),
  )
})

describe('a streaming handler of node-lambda', () => {
  const streaming = (source: string) => ({
    runtime: 'node-lambda',
    files: {
      'index.js': `exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {${source}})`,
    },
  })

  it('is answered as it writes', () => {
    const asked = 'if (event.rawPath === "/go") { globalThis.go(); return stream.end() }'
    const source = `${asked} stream.write("one"); await new Promise((go) => { globalThis.go = go }); stream.end({ two: 2 })`
    return withHandler(streaming(source), async (running) => {
      const answer = await fetch(running.url)
      const reader = answer.body?.getReader()
      const first = await reader?.read()
      await fetch(`${running.url}/go`)
      const second = await reader?.read()
      const parts = [first, second].map((part) => Buffer.from(part?.value ?? []).toString())
      expect([answer.headers.get('content-type'), ...parts]).toEqual(['application/octet-stream', 'one', '{"two":2}'])
    })
  })

  it('sets status, headers and cookies', () => {
    const head = '{ statusCode: 201, headers: { "content-type": "text/html" }, cookies: ["a=1", "b=2"] }'
    const source = `const out = awslambda.HttpResponseStream.from(stream, ${head}); out.write("<p>"); out.end("hi")`
    return withHandler(streaming(source), async (running) => {
      const answer = await fetch(running.url)
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
        201,
        'text/html',
        '<p>hi',
      ])
      expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    })
  })

  it.each([
    ['at once', 'throw new Error("no honey")'],
    ['in the middle', 'stream.write("one"); await new Promise(setImmediate); throw new Error("no honey")'],
  ])('may fail %s, and the next call is answered', (when, source) =>
    withHandler(streaming(`if (event.rawPath === "/ok") return stream.end("ok"); ${source}`), async (running) => {
      const failed = fetch(running.url).then(async (answer) => [answer.status, await answer.text()])
      if (when === 'at once') expect(await failed).toEqual([500, '{"error":"no honey"}'])
      else await expect(failed).rejects.toThrow()
      expect(await (await fetch(`${running.url}/ok`)).text()).toBe('ok')
      expect(running.logs()).toContain('no honey')
    }),
  )
})
