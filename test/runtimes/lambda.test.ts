import { describe, expect, it } from 'vitest'
import { json } from '../helpers/json.ts'
import { needs } from '../helpers/needs.ts'
import type { Environment } from '../helpers/runtime-process.ts'
import { withHandler, type Files } from '../helpers/with-handler.ts'

const echo = {
  'node-lambda': { 'index.js': 'exports.handler = async (event) => event' },
  'python-lambda': { 'lambda_function.py': 'def lambda_handler(event, context):\n    return event\n' },
}

/** Lambda's settings of a function are variables of its environment; the handler of both languages sees the same. */
describe.each([['node-lambda'], ['python-lambda', 'python']] as const)(
  '%s',
  (runtime, ...needed: Parameters<typeof needs>) => {
    const asked = (environment: Environment, path: string, init?: RequestInit, files: Files = echo[runtime]) => {
      let seen: unknown
      const ask = async ({ url }: { url: string }) => {
        const answer = await fetch(url + path, init)
        seen = [answer.status, await answer.json()]
      }
      return withHandler({ runtime, files, environment }, ask).then(() => seen)
    }

    it('tells a request as a REST API does, if asked to', needs(...needed), async () => {
      const headers = { 'X-GitHub-Event': 'push', 'x-forwarded-host': 'hive.example', 'x-call-id': 'c1' }
      const seen = await asked({ LAMBDA_EVENT: 'v1' }, '/a/b?x=1&x=2&toString=3', { headers })
      expect(seen).toMatchObject([
        200,
        {
          ...{
            version: '1.0',
            resource: '/{proxy+}',
            path: '/a/b',
            httpMethod: 'GET',
            pathParameters: { proxy: 'a/b' },
          },
          queryStringParameters: { x: '2', toString: '3' },
          multiValueQueryStringParameters: { x: ['1', '2'], toString: ['3'] },
          ...{ body: null, isBase64Encoded: false },
          requestContext: { domainName: 'hive.example', httpMethod: 'GET', requestId: 'c1', identity: {} },
        },
      ])
    })

    it('asks for headers of a REST API in any case', needs(...needed), async () => {
      const headers = { 'x-github-event': 'push' }
      const files = {
        'node-lambda': {
          'index.js':
            'exports.handler = async ({ headers: h }) => [h["X-GitHub-Event"], h["x-github-event"], h.None ?? null]',
        },
        'python-lambda': {
          'lambda_function.py':
            'def lambda_handler(event, context):\n    h = event["headers"]\n    return [h["X-GitHub-Event"], h.get("x-github-event"), h.get("None")]\n',
        },
      }
      const seen = await asked({ LAMBDA_EVENT: 'v1' }, '/', { headers }, files[runtime])
      expect(seen).toEqual([200, ['push', 'push', null]])
    })

    it.each([
      ['GET', '/todos/a%20b', { routeKey: 'GET /todos/{id}', pathParameters: { id: 'a b' } }],
      ['PUT', '/files/x/y', { routeKey: 'ANY /files/{path+}', pathParameters: { path: 'x/y' } }],
      ['PUT', '/todos/1', { routeKey: '$default' }],
    ])('finds the route of %s %s', needs(...needed), async (method, path, expected) => {
      const environment = { LAMBDA_ROUTES: 'GET /todos/{id}, ANY /files/{path+}' }
      expect(await asked(environment, path, { method })).toMatchObject([200, expected])
    })

    it.each([
      ['v2', 'a=1', { body: 'YT0x', isBase64Encoded: true }],
      ['v2', '{"a":1}', { body: '{"a":1}', isBase64Encoded: false }],
      ['v2', 'Maja', { body: 'Maja', isBase64Encoded: false }],
      ['v1', 'a=1', { body: 'a=1', isBase64Encoded: false }],
    ])('tells a form as AWS does, in %s: %s', needs(...needed), async (version, body, expected) => {
      const init = { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } }
      expect(await asked({ LAMBDA_EVENT: version }, '/', init)).toMatchObject([200, expected])
    })

    it('has the body as the event and all of the result as the answer, without HTTP', needs(...needed), async () => {
      const event = { Records: [{ body: 'hi' }], statusCode: 404 }
      expect(await asked({ LAMBDA_EVENT: 'body' }, '/', json(event))).toEqual([200, event])
      expect(await asked({ LAMBDA_EVENT: 'body' }, '/')).toEqual([200, {}])
      expect(await asked({ LAMBDA_EVENT: 'body' }, '/', { method: 'POST', body: '{' })).toMatchObject([400, {}])
    })

    it('finds in its environment what Lambda sets, and its files where it is', needs(...needed), async () => {
      const files = {
        'node-lambda': {
          'note.txt': 'mine',
          'index.js':
            'const note = require("node:fs").readFileSync("note.txt", "utf8")\nconst { env } = process\n' +
            'exports.handler = async (event, c) => [note, env.AWS_REGION, env.AWS_LAMBDA_FUNCTION_NAME, env.LAMBDA_TASK_ROOT.endsWith("function"), c.invokedFunctionArn]',
        },
        'python-lambda': {
          'note.txt': 'mine',
          'lambda_function.py':
            'import os\nnote = open("note.txt").read()\ndef lambda_handler(event, c):\n    env = os.environ\n' +
            '    return [note, env["AWS_REGION"], env["AWS_LAMBDA_FUNCTION_NAME"], env["LAMBDA_TASK_ROOT"].endswith("function"), c.invoked_function_arn]\n',
        },
      }
      const seen = await asked({ OPENFAAS_NAME: 'hive', AWS_REGION: 'eu-west-1' }, '/', {}, files[runtime])
      expect(seen).toEqual([
        200,
        ['mine', 'eu-west-1', 'hive', true, expect.stringMatching(/eu-west-1:\d+:function:hive$/)],
      ])
    })

    it('finds what _HANDLER names, and what lies beside its file', needs(...needed), async () => {
      const sources = {
        'node-lambda': {
          'src/app.js': 'const { name } = require("./name")\nexports.api = { hello: async () => ({ name }) }',
          'src/name.js': 'exports.name = "Maja"',
        },
        'python-lambda': {
          'src/app.py': 'from .name import name\ndef hello(event, context):\n    return {"name": name}\n',
          'src/name.py': 'name = "Maja"\n',
        },
      }
      const name = runtime === 'node-lambda' ? 'src/app.api.hello' : 'src/app.hello'
      const seen = await asked({ _HANDLER: name }, '/', {}, sources[runtime])
      expect(seen).toEqual([200, { name: 'Maja' }])
    })

    it.each([
      [{ LAMBDA_EVENT: 'v3' }, 'LAMBDA_EVENT is "v3"; it can be v2, v1, body.'],
      [{ LAMBDA_ROUTES: 'todos' }, 'LAMBDA_ROUTES has "todos"'],
      [{ HANDLER: 'handler' }, 'HANDLER is "handler"; it names a file and'],
      [{ _HANDLER: 'app.handler' }, 'HANDLER is "app.handler", but '],
    ])('says why it cannot load with %o', needs(...needed), async (environment, reason) => {
      expect(await asked(environment, '/')).toEqual([503, { error: expect.stringContaining(reason) }])
    })
  },
)
