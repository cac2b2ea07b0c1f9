import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { RunningHandler } from '../contract/runtime.ts'
import { json } from '../helpers/json.ts'
import { needs, notRun } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'
import { withHandler } from '../helpers/with-handler.ts'

const source = (text: string, environment = {}) => ({
  runtime: 'python-gcf',
  files: { 'main.py': text, 'other.py': 'word = "hi"\n' },
  environment,
})
const hello = (body: string) => source(`def hello(request):\n    return ${body}\n`)
const html = 'text/html; charset=utf-8'
const isJson = 'application/json'

describe('python-gcf', needs('python'), () => {
  it.each([
    ['("made", 201, {"X-A": "1"})', 201, html, 'made'],
    ['{"a": request.args["a"], "all": request.args.getlist("a")}', 200, isJson, '{"a":"1","all":["1","2"]}'],
    ['request.get_data(as_text=True)', 200, html, '{"name":"Maja"}'],
    ['request.path + " " + str(request.args.get("a", type=int))', 200, html, '/x y 1'],
    ['1 / 0', 500, isJson, '{"error":"division by zero"}'],
  ])('answers: %s', (body, ...expected) =>
    withHandler(hello(body), async (running) => {
      const answer = await fetch(`${running.url}/x%20y?a=1&a=2`, json({ name: 'Maja' }))
      // Flask ends its JSON with a line break.
      expect([answer.status, answer.headers.get('content-type'), (await answer.text()).trim()]).toEqual(expected)
    }),
  )

  it('leaves it to the function what JSON that is none means', () =>
    withHandler(
      hello('{"given": request.get_json(silent=True)} if "s" in request.args else request.json'),
      async (running) => {
        const broken = { ...json(''), body: '{' }
        expect(await (await fetch(`${running.url}?s=1`, broken)).json()).toEqual({ given: null })
        expect((await fetch(running.url, broken)).status).toBe(400)
      },
    ))

  it.each([
    ['from .other import word\ndef hello(request):\n    return word\n', {}],
    ['from other import word\nhello = lambda request: word\ndef more(): pass\n', { FUNCTION_TARGET: 'hello' }],
    [
      'import functions_framework\n@functions_framework.http\ndef hello(request):\n    return "hi"\ndef more(): pass\n',
      {},
    ],
  ])('finds the function: %s', (text, environment) =>
    withHandler(source(text, environment), async (running) => {
      expect(await (await fetch(running.url)).text()).toBe('hi')
    }),
  )

  it('makes JSON into the type of a typed function, and its answer into JSON', () => {
    const text = `import functions_framework
class Bee:
    def __init__(self, name): self.name = name
    from_dict = staticmethod(lambda given: Bee(given["name"]))
    def to_dict(self): return {"hi": self.name}
@functions_framework.typed
def greet(bee: Bee):
    return bee
`
    return withHandler(source(text), async (running) => {
      expect(await (await fetch(running.url, json({ name: 'Maja' }))).json()).toEqual({ hi: 'Maja' })
    })
  })

  it('says which functions there are, and what brings a package that Google has', async () => {
    // A call waits for the handler, `/_/ready` does not.
    const reason = async (running: RunningHandler) =>
      ((await (await fetch(running.url)).json()) as { error: string }).error
    const two = source('def a(): pass\ndef b(): pass\n', { FUNCTION_TARGET: 'c' })
    await withHandler(two, async (running) => expect(await reason(running)).toMatch(/no function "c".*: a, b\./))
    await withHandler(source('import starlette.none\n'), async (running) =>
      expect(await reason(running)).toMatch(/main.py:1: .*starlette.*functions-framework/),
    )
  })

  const topic = 'projects/p/topics/honey'
  const message = { data: 'TWFqYQ==', messageId: '7', publishTime: '2026-01-01T00:00:00Z' }
  const pubsub = 'google.cloud.pubsub.topic.v1.messagePublished'
  const resource = { service: 'pubsub.googleapis.com', name: topic }
  const context = { eventId: '7', eventType: 'google.pubsub.topic.publish', resource }
  const attributes = { id: '7', type: pubsub, source: `//pubsub.googleapis.com/${topic}` }
  const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]))

  it.each([
    ['a push of Pub/Sub', { message, subscription: 's' }, {}],
    ['the older form', { context, data: { data: message.data } }, {}],
    ['a CloudEvent in the body', { specversion: '1.0', ...attributes, data: { message } }, {}],
    ['a CloudEvent in headers', { message }, headers],
  ])('gives an event to functions of both kinds: %s', async (_, body, more) => {
    const send = (running: RunningHandler) =>
      fetch(`${running.url}/${topic}`, { method: 'POST', body: JSON.stringify(body), headers: more })
    const older = 'def f(data, context):\n    print(data["data"], context.event_type, context.resource["name"])\n'
    await withHandler(source(older, { FUNCTION_SIGNATURE_TYPE: 'event' }), async (running) => {
      expect((await send(running)).status).toBe(204)
      await until(() => running.logs() === `TWFqYQ== google.pubsub.topic.publish ${topic}\n`)
    })
    const newer = `import functions_framework
from cloudevents.http import CloudEvent
@functions_framework.cloud_event
def f(event: CloudEvent):
    print(event.data["message"]["data"], event["type"], event["source"])
`
    await withHandler(source(newer), async (running) => {
      expect((await send(running)).status).toBe(204)
      await until(() => running.logs() === `TWFqYQ== ${pubsub} //pubsub.googleapis.com/${topic}\n`)
    })
  })
})

// Debian's Flask is of no use to a Python that came from elsewhere.
const hasFlask = spawnSync('python3', ['-c', 'import flask']).status === 0

describe('python-gcf with Flask', notRun(hasFlask ? undefined : 'python3 finds no flask'), () => {
  const text = `import functions_framework
from flask import Response, abort, jsonify, make_response, request as same
@functions_framework.errorhandler(ZeroDivisionError)
def divided(error):
    return "mended", 418
@functions_framework.http
def hello(request):
    if same.path == "/files":
        return request.files["file"].read() + request.form["name"].encode()
    if same.path == "/cookies":
        answer = make_response("set")
        answer.set_cookie("a", "1")
        answer.set_cookie("b", "2")
        return answer
    if same.path == "/parts":
        return Response((part for part in "ab"), mimetype="text/csv")
    if same.path == "/zero":
        return str(1 / 0)
    return jsonify(url=request.full_path) if request.args else abort(403)
`

  it('has all of it', () =>
    withHandler(source(text), async ({ url }) => {
      const form = new FormData()
      form.append('name', 'Maja')
      form.append('file', new Blob(['honey']), 'a.txt')
      const said = async (answer: Response) => [answer.status, (await answer.text()).trim()]
      expect(await said(await fetch(`${url}/files`, { method: 'POST', body: form }))).toEqual([200, 'honeyMaja'])
      expect((await fetch(`${url}/cookies`)).headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/'])
      expect(await said(await fetch(`${url}/parts`))).toEqual([200, 'ab'])
      expect(await said(await fetch(`${url}/zero`))).toEqual([418, 'mended'])
      expect(await said(await fetch(`${url}/x?a=1`))).toEqual([200, '{"url":"/x?a=1"}'])
      expect((await fetch(url)).status).toBe(403)
    }))
})
