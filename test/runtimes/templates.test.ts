import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { startNodeRuntime } from '../helpers/runtime-process.ts'

const templates = fileURLToPath(new URL('../../templates', import.meta.url))

async function call(folder: string, path: string, body?: string): Promise<Response> {
  const running = await startNodeRuntime(`${templates}/${folder}`)
  const init = body === undefined ? {} : { method: 'POST', body, headers: { 'content-type': 'application/json' } }
  const answer = await fetch(running.url + path, init)
  const copy = new Response(await answer.arrayBuffer(), answer)
  await running.stop()
  return copy
}

it('node: the new function greets', async () => {
  expect(await (await call('node/function', '/', '{"name":"Maja"}')).json()).toEqual({ message: 'Hello, Maja!' })
  expect(await (await call('node/function', '/?name=Willi')).json()).toEqual({ message: 'Hello, Willi!' })
})

it('node: the tests of the new function pass', () => {
  const { status, stdout } = spawnSync(process.execPath, ['--test'], {
    cwd: `${templates}/node/function`,
    encoding: 'utf8',
  })
  expect(stdout).toContain('pass 2')
  expect(status).toBe(0)
})

it('node: hello answers text', async () => {
  expect(await (await call('node/examples/hello', '/?name=Maja')).text()).toBe('Hello, Maja!\n')
})

it('node: clock streams the time', async () => {
  const answer = await call('node/examples/clock', '/?ticks=2')
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  expect(await answer.text()).toMatch(/^(data: \d{4}-\d\d-\d\dT[\d:.]+Z\n\n){2}$/)
})
