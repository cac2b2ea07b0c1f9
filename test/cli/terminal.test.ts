import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { useOwnGateway } from '../helpers/own-gateway.ts'
import { inTerminal, type Terminal } from '../helpers/terminal.ts'
import { needs } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'

const name = 'a-function-with-quite-a-long-name-indeed'
const own = useOwnGateway()
const { folder, skep, env } = own
const functions = { [name]: { lang: 'node', handler: './f' } }
folder.write({
  'f/handler.js': 'module.exports = () => "hi"',
  'stack.yml': JSON.stringify({ provider: { name: 'openfaas' }, functions }),
})

const open = (args: readonly string[], columns = 80, more: Readonly<Record<string, string>> = {}): Terminal =>
  inTerminal(args, { cwd: folder.path, env: { ...env(), ...more }, columns })

async function drawnBy(args: readonly string[], columns?: number, more?: Readonly<Record<string, string>>) {
  const terminal = open(args, columns, more)
  expect(await terminal.ended).toBe(0)
  return terminal.drawn()
}

describe('in a terminal, skep', needs('terminal'), () => {
  it('draws the progress of a deploy in place and leaves the result', async () => {
    const drawn = await drawnBy(['deploy'])
    expect(drawn).not.toContain(`${name} | `) // as it is told elsewhere
    expect(stripVTControlCharacters(drawn)).toMatch(new RegExp(`^${name}: deployed as revision 1\\r$`, 'm'))
  })

  it('cuts tables to the width, with a bold head', async () => {
    const drawn = await drawnBy(['list', '-o', 'wide'], 60)
    expect(drawn).toContain('\x1B[1m')
    const lines = stripVTControlCharacters(drawn).trimEnd().split('\r\n')
    expect(lines.every((line) => line.length <= 60)).toBe(true)
    expect(lines[1]).toMatch(/^a-function.*… +0 +1 +dir:.*… +/)
  })

  it('uses no colours when it is asked not to', async () => {
    expect(await drawnBy(['list'], 80, { NO_COLOR: '1' })).not.toContain('\x1B')
  })

  it('shows the live table until Ctrl-C, and gives the screen back', async () => {
    const terminal = open(['top', '--interval', '100ms'], 120)
    await until(() => terminal.drawn().includes(name))
    expect(terminal.drawn().startsWith('\x1B[?1049h')).toBe(true)
    expect((await fetch(`${own.gateway.url}/function/${name}`)).status).toBe(200)
    await until(() => /≤\d+ms/.test(terminal.drawn()))
    terminal.type('\x03')
    expect(await terminal.ended).toBe(0)
    expect(terminal.drawn().endsWith('\x1B[?1049l')).toBe(true)
  })

  it('asks for a password without showing it', async () => {
    const terminal = open(['login'], 80, { SKEP_DATA: '/nowhere' })
    await until(() => terminal.drawn().includes('Password: '))
    const password = readFileSync(join(own.gateway.dataDir, 'password'), 'utf8').trim()
    terminal.type(`${password}\r`)
    expect(await terminal.ended).toBe(0)
    expect(terminal.drawn()).toContain('credentials saved')
    expect(terminal.drawn()).not.toContain(password)
  })

  it('ends at Ctrl-C where it asks for something', async () => {
    const terminal = open(['secret', 'create', 'token'])
    await until(() => terminal.drawn().includes('Value: '))
    terminal.type('\x03')
    expect(await terminal.ended).toBe(130)
    expect(terminal.drawn()).not.toContain('error')
  })
})

describe('elsewhere, skep', () => {
  it('prints the table once, for people and for programs', async () => {
    const { stdout, stderr } = await skep('status')
    expect(stdout).toMatch(/^NAME +REPLICAS +IN FLIGHT +WAITING +CALLS\/S +ERRORS +P95\n/)
    expect(stdout).toMatch(new RegExp(`^${name} +1/1 +0 +0 +0\\.0 +- +-$`, 'm'))
    expect(stderr).toBe('')
    const json = JSON.parse((await skep('status', '-o', 'json')).stdout) as unknown
    expect(json).toEqual([{ name, replicas: 1, availableReplicas: 1, inFlight: 0, waiting: 0, perSecond: 0 }])
    const one = await skep('status', name, '-o', 'json')
    expect(JSON.parse(one.stdout)).toEqual(json)
    expect(await skep('status', 'nobody')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no function "nobody"'),
    })
    const yaml = await skep('list', '-o', 'yaml')
    expect(yaml.stdout).toMatch(new RegExp(`^- name: ${name}\n  namespace: openfaas-fn\n`))
  })
})
