import { describe, expect, it } from 'vitest'
import { json } from '../helpers/json.ts'
import { needs } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'
import { withHandler } from '../helpers/with-handler.ts'

describe('a function in Python', needs('python'), () => {
  const lambda = (body: string) =>
    ['python-lambda', 'lambda_function.py', `def lambda_handler(event, context):\n    return ${body}\n`] as const
  const action = (body: string) =>
    ['python-openwhisk', '__main__.py', `def main(params):\n    return ${body}\n`] as const

  it.each([
    [lambda('event["rawPath"] + event["queryStringParameters"]["a"]'), 200, 'application/json', '/x1,2'],
    [
      lambda('{"statusCode": 201, "headers": {"content-type": "text/plain"}, "body": event["body"]}'),
      201,
      'text/plain',
      '{"name":"Maja"}',
    ],
    [lambda('{"statusCode": 200, "body": "aGk=", "isBase64Encoded": True}'), 200, 'application/json', 'hi'],
    [lambda('context.get_remaining_time_in_millis() > 50000'), 200, 'application/json', 'true'],
    [lambda('context.identity.cognito_identity_id'), 200, 'application/json', 'null'],
    [
      lambda('[__import__("decimal").Decimal("2"), __import__("decimal").Decimal("1.5"), "ü"]'),
      200,
      'application/json',
      '[2, 1.5, "ü"]',
    ],
    [lambda('b"\\x01hi"'), 200, 'application/json', '\u0001hi'],
    [lambda('__import__("asyncio").get_event_loop().is_running()'), 200, 'application/json', 'false'],
    [lambda('1 / 0'), 500, 'application/json', '{"error":"division by zero"}'],
    [
      action('{"a": params["a"], "name": params["name"], "by": params["__ow_method"]}'),
      200,
      'application/json',
      '{"a":["1","2"],"name":"Maja","by":"post"}',
    ],
    [action('{"body": "<p>hi</p>"}'), 200, 'text/html', '<p>hi</p>'],
    [action('{"error": "no honey"}'), 502, 'application/json', '{"error":"no honey"}'],
    [action('[1, params["__ow_path"]]'), 200, 'application/json', '[1,"/x"]'],
    [action('7'), 500, 'application/json', '{"error":"The action did not return a dictionary."}'],
  ])('answers: %s', ([runtime, file, source], ...expected) =>
    withHandler({ runtime, files: { [file]: source } }, async (running) => {
      const answer = await fetch(`${running.url}/x?a=1&a=2`, json({ name: 'Maja' }))
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual(expected)
    }),
  )

  it('has a logger that says which call a line is of', () => {
    const source =
      'import logging\nlogger = logging.getLogger("hive")\nlogger.setLevel(logging.INFO)\n' +
      'def lambda_handler(event, context):\n    logger.info("born")\n'
    return withHandler({ runtime: 'python-lambda', files: { 'lambda_function.py': source } }, async (running) => {
      await fetch(running.url, { headers: { 'x-call-id': 'c1' } })
      await until(() => /^\[INFO\]\t[\d-]+T[\d:.]+Z\tc1\tborn\n$/.test(running.logs()))
    })
  })

  it('is called in the main thread when it is called once at a time, to the last call', () => {
    const source =
      'import signal, sqlite3, time\ndb = sqlite3.connect(":memory:")\n' +
      'def lambda_handler(event, context):\n    signal.setitimer(signal.ITIMER_REAL, 0)\n    print("called")\n' +
      '    time.sleep(0.5)\n    return db.execute("select 7").fetchone()\n'
    const handler = { runtime: 'python-lambda', files: { 'lambda_function.py': source } }
    return withHandler({ ...handler, environment: { MAX_INFLIGHT: '1' } }, async (running) => {
      const answer = fetch(running.url).then((answer) => answer.text())
      await until(() => running.logs() === 'called\n')
      expect([await running.stop(), await answer]).toEqual([0, '[7]'])
    })
  })

  const actionOf = (source: string, environment = {}) => ({
    runtime: 'python-openwhisk',
    files: { '__main__.py': source },
    environment,
  })

  it('does not do in an action what it has for being started itself', () =>
    withHandler(
      actionOf('def main(params):\n    return params.get("__ow_body")\nif __name__ == "__main__":\n    exit(1)\n'),
      async (running) => expect(await (await fetch(running.url, json([1]))).json()).toEqual([1]),
    ))

  it('gives a raw action the query and the body as they came', () =>
    withHandler(
      actionOf('def main(params):\n    return [params["__ow_query"], params["__ow_body"]]\n', {
        __OW_RAW_HTTP: 'true',
      }),
      async (running) => {
        const answer = await fetch(`${running.url}?a=%31`, json({}))
        expect(await answer.json()).toEqual(['a=%31', btoa('{}')])
      },
    ))
})
