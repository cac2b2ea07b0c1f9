import { describe, expect, it } from 'vitest'
import { json } from '../helpers/json.ts'
import { needs } from '../helpers/needs.ts'
import { handlerFixture, startRuntime } from '../helpers/runtime-process.ts'

describe('the hello world of another platform, unmodified, on', () => {
  it.each([
    ['node-lambda', [200, 'application/json', '"Hello from Lambda!"']],
    ['node-gcf', [200, 'text/html; charset=utf-8', 'Hello Maja!']],
    ['node-openwhisk', [200, 'application/json', '{"payload":"Hello, Maja!"}']],
  ])('%s', greets)

  it.for([
    ['python-lambda', [200, 'application/json', '"Hello from Lambda!"']],
    ['python-gcf', [200, 'text/html; charset=utf-8', 'Hello Maja!']],
    ['python-openwhisk', [200, 'application/json', '{"greeting":"Hello Maja!"}']],
  ] as const)('%s', needs('python'), ([runtime, expected]) => greets(runtime, expected))
})

async function greets(runtime: string, expected: readonly unknown[]): Promise<void> {
  const running = await startRuntime(runtime, handlerFixture('brought', runtime))
  const answer = await fetch(running.url, json({ name: 'Maja' }))
  const seen = [answer.status, answer.headers.get('content-type'), await answer.text()]
  await running.stop()
  expect(seen).toEqual(expected)
}
