import { describe, expect, it } from 'vitest'
import { json } from '../helpers/json.ts'
import { until } from '../helpers/until.ts'
import { withHandler } from '../helpers/with-handler.ts'

describe('node-gcf', () => {
  const source = (text: string, environment = {}) => ({ runtime: 'node-gcf', files: { 'index.js': text }, environment })

  it.each([
    ['JSON', 'res.status(201).json({ a: 1 })', 201, 'application/json; charset=utf-8', '{"a":1}'],
    ['its own type', 'res.type("text").send("hi")', 200, 'text/plain', 'hi'],
    ['parts', 'res.write("a"); setTimeout(() => res.end("b"), 10)', 200, 'application/octet-stream', 'ab'],
    ['a status', 'res.sendStatus(404)', 404, 'text/plain', 'Not Found'],
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
      const answer = await fetch(`${running.url}/p`, { method: 'POST', body: 'body', headers: { 'x-a': 'x' } })
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([status, type, text])
    }),
  )

  const cloudEvent = { 'ce-id': '1', 'ce-source': '/hive', 'ce-type': 'bee.born', 'ce-specversion': '1.0' }
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

  it('says which functions there are when the target is none of them', () =>
    withHandler(source('exports.a = () => {}; exports.b = () => {}', { FUNCTION_TARGET: 'c' }), async (running) => {
      const ready = await fetch(`${running.url}/_/ready`)
      expect(await ready.text()).toMatch(/no function "c".*: a, b\./)
    }))
})
