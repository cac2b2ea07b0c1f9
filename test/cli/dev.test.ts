import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cliFolder, type CliFolder } from '../helpers/cli.ts'
import { needs } from '../helpers/needs.ts'
import { inTerminal } from '../helpers/terminal.ts'
import { until } from '../helpers/until.ts'

let folder: CliFolder
beforeAll(() => void (folder = cliFolder()))
afterAll(() => folder.remove())

function handler(name: string, source: string): void {
  mkdirSync(join(folder.path, name), { recursive: true })
  writeFileSync(join(folder.path, name, 'handler.js'), source)
}

const answers = (text: string) => handler('f', `module.exports = () => '${text}'`)

function stack(...names: string[]): void {
  const functions = Object.fromEntries(names.map((name) => [name, { lang: 'node', handler: `./${name}` }]))
  writeFileSync(join(folder.path, 'stack.yml'), JSON.stringify({ provider: { name: 'openfaas' }, functions }))
}

/** On a machine that is busy with other tests: the CLI, then its gateway, then the function. */
const slowStartMs = 60_000

it(
  'skep dev deploys again what changes, tells mistakes and goes on, and leaves nothing',
  { ...needs('terminal'), timeout: 120_000 },
  async () => {
    answers('one')
    stack('f')
    const terminal = inTerminal(['dev', '--port', '0'], { cwd: folder.path, env: { NO_COLOR: '1' }, columns: 200 })
    const url = await until(() => /at (http:\S+)\/function\/f/.exec(terminal.drawn())?.[1], slowStartMs)
    const call = async (name = 'f') => (await fetch(`${url}/function/${name}`)).text()
    expect(await call()).toBe('one')

    answers('two')
    await until(async () => (await call()) === 'two')
    handler('f', 'module.exports = oops')
    await until(() => terminal.drawn().includes('oops is not defined'))
    expect(await call()).toBe('two')
    answers('three')
    await until(async () => (await call()) === 'three')

    handler('g', 'module.exports = () => "from g"')
    stack('f', 'g')
    await until(async () => (await call('g')) === 'from g')
    writeFileSync(join(folder.path, 'stack.yml'), 'functions: [')
    await until(() => terminal.drawn().includes('stack.yml:1:'))
    stack('g')
    await until(async () => (await fetch(`${url}/function/f`)).status === 404)

    terminal.type('\x03')
    expect(await terminal.ended).toBe(0)
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  },
)

it('shows the last lines of the gateway’s log when it does not start', async () => {
  const cli = cliFolder()
  cli.write({ 'stack.yml': 'functions: {}\n', '.skep/dev/skep.db/not-a-file': '' })
  const { code, stderr } = await cli.skep(['dev', '--port', '0'])
  cli.remove()
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^error: The gateway did not start\.\n(?: {2}.*\n)*.*unable to open database file[^]*hint: .*gateway\.log/m,
  )
})
