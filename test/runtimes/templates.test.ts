import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { RunningHandler } from '../contract/runtime.ts'
import { needs } from '../helpers/needs.ts'
import { buildTemplate, startImage, type Bases } from '../helpers/runtime-image.ts'
import { startRuntime, type Environment } from '../helpers/runtime-process.ts'

interface Template {
  readonly needs: Parameters<typeof needs>
  readonly bases: Bases
  /** What runs the tests of the new function. */
  readonly test?: readonly [string, ...string[]]
  /** What the new function is sent, and what it answers. */
  readonly sent?: Readonly<RequestInit>
  readonly greeting: string
  readonly environment?: Environment
}

const folderOf = (path: string) => fileURLToPath(new URL(`../../templates/${path}`, import.meta.url))

const json = { method: 'POST', body: '{"name":"Maja"}', headers: { 'content-type': 'application/json' } }
const text = { method: 'POST', body: 'Maja' }
const message = '{"message":"Hello, Maja!"}'
const node = { BASE_IMAGE: 'node' } as const

const onNode: Template = { needs: [], bases: node, test: [process.execPath, '--test'], sent: json, greeting: message }
const onPython: Template = {
  needs: ['python'],
  bases: { BASE_IMAGE: 'python' },
  test: ['python3', '-B', '-m', 'unittest'],
  sent: json,
  greeting: message,
}

const templates: Readonly<Record<string, Template>> = {
  node: onNode,
  'node-gcf': onNode,
  'node-lambda': onNode,
  'node-openwhisk': onNode,
  python: onPython,
  'python-gcf': onPython,
  'python-lambda': { ...onPython, greeting: '{"message": "Hello, Maja!"}' }, // written as Lambda writes it
  'python-openwhisk': onPython,
  'node-ts': onNode,
  php: { needs: ['php'], bases: { BASE_IMAGE: 'php' }, test: ['php', 'test.php'], sent: json, greeting: message },
  ruby: {
    needs: ['ruby'],
    bases: { BASE_IMAGE: 'ruby' },
    test: ['ruby', 'test_handler.rb'],
    sent: json,
    greeting: message,
  },
  go: {
    needs: ['go'],
    bases: { BUILD_IMAGE: 'go', BASE_IMAGE: 'busybox' },
    environment: { HOME: homedir() }, // where Go keeps what it has compiled
    test: ['go', 'test', '.'],
    sent: json,
    greeting: `${message}\n`,
  },
  java: {
    needs: ['java'],
    bases: { BUILD_IMAGE: 'java', BASE_IMAGE: 'java' },
    test: [fileURLToPath(new URL('../../runtimes/java/test.sh', import.meta.url)), '.'],
    sent: text,
    greeting: 'Hello, Maja!\n',
  },
  bash: {
    needs: [],
    bases: { BASE_IMAGE: 'bash' },
    test: ['./test.sh'],
    sent: text,
    greeting: 'Hello, Maja!\n',
  },
  exec: { needs: [], bases: node, test: ['./test.sh'], sent: text, greeting: 'Hello, Maja!\n' },
  static: { needs: [], bases: node, greeting: readFileSync(folderOf('static/function/index.html'), 'utf8') },
}

async function greeted(running: RunningHandler, sent: RequestInit | undefined): Promise<string> {
  const answer = await fetch(running.url, sent ?? {})
  const said = await answer.text()
  await running.stop()
  return said.trimEnd() // Flask, where the machine has it, ends its JSON with a line break
}

describe.each(Object.entries(templates))('template: %s', (name, { bases, test, sent, greeting, ...template }) => {
  const folder = folderOf(`${name}/function`)
  const runtime = /^runtime: (.+)$/m.exec(readFileSync(folderOf(`${name}/template.yml`), 'utf8'))?.[1] ?? ''

  it('greets when it is new', needs(...template.needs), async () => {
    expect(await greeted(await startRuntime(runtime, folder, template.environment), sent)).toBe(greeting.trimEnd())
  })

  it('greets from its image', { ...needs('docker'), timeout: 300_000 }, async () => {
    expect(await greeted(await startImage(await buildTemplate(name, folder, bases)), sent)).toBe(greeting.trimEnd())
  })

  if (!test) return
  it('passes its own tests', needs(...template.needs), () => {
    const [program, ...options] = test
    const { status, stderr } = spawnSync(program, options, { cwd: folder, encoding: 'utf8' })
    expect([status, status === 0 ? '' : stderr]).toEqual([0, ''])
  })
})

describe('template: dockerfile', needs('docker'), () => {
  it('greets from its image', async () => {
    const image = await buildTemplate('dockerfile', folderOf('dockerfile/function'), node)
    expect(await greeted(await startImage(image), undefined)).toBe('Hello, World!')
  })
})

describe('the examples of node', () => {
  it('hello answers text', async () => {
    const running = await startRuntime('node', folderOf('node/examples/hello'))
    expect(await (await fetch(`${running.url}/?name=Maja`)).text()).toBe('Hello, Maja!\n')
    await running.stop()
  })

  it('clock streams the time', async () => {
    const running = await startRuntime('node', folderOf('node/examples/clock'))
    const answer = await fetch(`${running.url}/?ticks=2`)
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    expect(await answer.text()).toMatch(/^(data: \d{4}-\d\d-\d\dT[\d:.]+Z\n\n){2}$/)
    await running.stop()
  })
})
