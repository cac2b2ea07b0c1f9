import { describe, expect, it } from 'vitest'
import type { RunningHandler } from '../contract/runtime.ts'
import { json } from '../helpers/json.ts'
import { until } from '../helpers/until.ts'
import { withHandler } from '../helpers/with-handler.ts'

const jsonType = { 'content-type': 'application/json' }

describe('node-gcf', () => {
  const source = (text: string, environment = {}) => ({ runtime: 'node-gcf', files: { 'index.js': text }, environment })

  it.each([
    ['JSON', 'res.status(201).json({ a: 1 })', 201, 'application/json; charset=utf-8', '{"a":1}'],
    ['its own type', 'res.type("text").send("hi")', 200, 'text/plain; charset=utf-8', 'hi'],
    ['parts', 'res.write("a"); setTimeout(() => res.end("b"), 10)', 200, null, 'ab'],
    ['a status', 'res.sendStatus(404)', 404, 'text/plain; charset=utf-8', 'Not Found'],
    ['no type for no body', 'res.status(204).send("")', 204, null, ''],
    [
      'a file',
      'res.sendFile(require("node:path").join(__dirname, "index.js"))',
      200,
      'text/javascript; charset=utf-8',
      expect.stringContaining('sendFile'),
    ],
    [
      'a stream',
      'require("node:stream").Readable.from(["a", "b"]).pipe(res.type("csv"))',
      200,
      'text/csv; charset=utf-8',
      'ab',
    ],
    ['its answer, though it fails afterwards', 'res.end("done"); throw new Error("late")', 200, null, 'done'],
    [
      // As an Express application does.
      'another prototype',
      'Object.setPrototypeOf(res, require("http").ServerResponse.prototype); Object.setPrototypeOf(req, require("http").IncomingMessage.prototype); res.end(req.query.a.b + req.originalUrl)',
      200,
      null,
      '1/p?a[b]=1',
    ],
    [
      'what it knows of the request',
      'res.json([req.is("text/*"), req.accepts("html", "json"), req.hostname, req.protocol, req.body, req.get("x-a")])',
      200,
      'application/json; charset=utf-8',
      '["text/plain","html","127.0.0.1","http","body","x"]',
    ],
    [
      'what it was sent',
      'res.send(req.get("X-A") + req.rawBody + req.path)',
      200,
      'text/html; charset=utf-8',
      'xbody/p',
    ],
    ['an error', 'throw new Error("no honey")', 500, 'application/json', '{"error":"no honey"}'],
  ])('answers with %s', (_, statement, status, type, text) =>
    withHandler(source(`exports.hello = (req, res) => { ${statement} }`), async (running) => {
      const answer = await fetch(`${running.url}/p?a[b]=1`, { method: 'POST', body: 'body', headers: { 'x-a': 'x' } })
      expect(answer.headers.has('x-duration-seconds')).toBe(true)
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([status, type, text])
    }),
  )

  it.each([
    [
      'by name',
      "import { http } from '@google-cloud/functions-framework'; http('f', (req, res) => res.send('hi'))",
      {},
    ],
    ['as a whole', "import f from '@google-cloud/functions-framework'; f.http('f', (req, res) => res.send('hi'))", {}],
    ['not at all', "export const api = { users: (req, res) => res.send('hi') }", { FUNCTION_TARGET: 'api.users' }],
  ])('serves an ES module that imports the framework %s', (_, text, environment) =>
    withHandler({ ...source('', environment), files: { 'index.mjs': text } }, async (running) => {
      expect(await (await fetch(running.url)).text()).toBe('hi')
    }),
  )

  it('takes the source that package.json or FUNCTION_SOURCE names', () =>
    withHandler(
      {
        runtime: 'node-gcf',
        files: {
          'index.js': 'exports.f = (req, res) => res.send("index")',
          'app.js': 'exports.f = (req, res) => res.send("app")',
          'package.json': '{ "main": "app" }',
        },
      },
      async (running) => expect(await (await fetch(running.url)).text()).toBe('app'),
    ))

  it('answers a typed function as JSON', () =>
    withHandler(
      source('require("@google-cloud/functions-framework").typed("f", ({ name }) => ({ hi: name }))'),
      async (running) => {
        expect(await (await fetch(running.url, json({ name: 'Maja' }))).json()).toEqual({ hi: 'Maja' })
        expect((await fetch(running.url, { method: 'POST', body: '{' })).status).toBe(400)
      },
    ))

  const needed = { 'ce-id': '1', 'ce-source': '/hive', 'ce-type': 'bee.born', 'ce-specversion': '1.0' }
  const cloudEvent = { ...needed, 'ce-subject': '100%' } // which is not encoded as it should be
  const logged = 'console.log(`${event.type} ${event.source} ${event.data.name}`)'

  it.each([
    ['a CloudEvent', `require('@google-cloud/functions-framework').cloudEvent('f', (event) => ${logged})`, {}],
    ['an exported one', `exports.f = (event) => ${logged}`, { FUNCTION_SIGNATURE_TYPE: 'cloudevent' }],
    [
      'data and context',
      'exports.f = (data, context, callback) => { console.log(context.eventType, context.resource, data.name); callback() }',
      { FUNCTION_SIGNATURE_TYPE: 'event' },
    ],
  ])('is called with %s', (_, text, environment) =>
    withHandler(source(text, environment), async (running) => {
      const init = json({ name: 'Maja' })
      const answer = await fetch(running.url, {
        ...init,
        headers: { 'content-type': 'application/json', ...cloudEvent },
      })
      expect(answer.status).toBe(204)
      await until(() => running.logs() === 'bee.born /hive Maja\n')
    }),
  )

  const topic = 'projects/p/topics/honey'
  const message = { data: 'TWFqYQ==', messageId: '7', publishTime: '2026-01-01T00:00:00Z' }
  const pubsub = 'google.cloud.pubsub.topic.v1.messagePublished'
  const resource = { service: 'pubsub.googleapis.com', name: topic }
  const context = { eventId: '7', eventType: 'google.pubsub.topic.publish', resource }
  const attributes = { specversion: '1.0', id: '7', type: pubsub, source: `//pubsub.googleapis.com/${topic}` }
  const structured = { 'content-type': 'application/cloudevents+json' }

  it.each([
    ['a push of Pub/Sub', { message, subscription: 's' }, {}],
    ['the older form', { context, data: { data: message.data } }, {}],
    ['a CloudEvent', { ...attributes, data: { message } }, structured],
  ])('gives an event to functions of both kinds: %s', async (_, body, headers) => {
    const send = (running: RunningHandler) =>
      fetch(`${running.url}/${topic}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { ...jsonType, ...headers },
      })
    const older = 'exports.f = (data, context) => console.log(data.data, context.eventType, context.resource.name)'
    await withHandler(source(older, { FUNCTION_SIGNATURE_TYPE: 'event' }), async (running) => {
      expect((await send(running)).status).toBe(204)
      await until(() => running.logs() === `TWFqYQ== google.pubsub.topic.publish ${topic}\n`)
    })
    const newer = 'exports.f = (event) => console.log(event.data.message.data, event.type, event.source)'
    await withHandler(source(newer, { FUNCTION_SIGNATURE_TYPE: 'cloudevent' }), async (running) => {
      expect((await send(running)).status).toBe(204)
      await until(() => running.logs() === `TWFqYQ== ${pubsub} //pubsub.googleapis.com/${topic}\n`)
    })
  })

  it('says which functions there are when the target is none of them', () =>
    withHandler(source('exports.a = () => {}; exports.b = () => {}', { FUNCTION_TARGET: 'c' }), async (running) => {
      const answer = await fetch(running.url) // which waits for the handler
      expect(await answer.json()).toEqual({ error: expect.stringMatching(/no function "c".*: a, b\./) })
    }))
})
