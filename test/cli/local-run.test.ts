import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliFolder, type CliFolder } from '../helpers/cli.ts'
import { needs } from '../helpers/needs.ts'
import { inTerminal } from '../helpers/terminal.ts'
import { until } from '../helpers/until.ts'

let folder: CliFolder
beforeAll(() => {
  folder = cliFolder()
  mkdirSync(join(folder.path, 'f'))
  writeFileSync(join(folder.path, 'f/handler.js'), 'module.exports = () => `${process.env.A} ${process.env.B}`')
  const reads = "module.exports = () => require('node:fs').readFileSync(process.env.SECRETS_DIR + '/my-key', 'utf8')"
  folder.write({ 'reads/handler.js': reads, '.secrets/my-key': 'honey' })
  const f = { lang: 'node', handler: './f', image: 'me/f', environment: { A: 'from file', B: 'x' } }
  const reader = { lang: 'node', handler: './reads', image: 'me/reader' }
  const functions = { f, reader, other: { image: 'me/other' } }
  writeFileSync(join(folder.path, 'stack.yml'), JSON.stringify({ provider: { name: 'openfaas' }, functions }))
})
afterAll(() => folder.remove())

describe('skep local-run', () => {
  it('serves one handler on a port until Ctrl-C', { ...needs('terminal'), timeout: 60_000 }, async () => {
    const args = ['local-run', 'f', '--port', '0', '-e', 'B=from flag']
    const terminal = inTerminal(args, { cwd: folder.path })
    const url = await until(() => /(http:\S+),/.exec(terminal.drawn())?.[1])
    const answer = await until(() => fetch(url).catch(() => undefined))
    expect(await answer.text()).toBe('from file from flag')
    terminal.type('\x03')
    expect(await terminal.ended).toBe(0)
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  })

  it(
    'takes the next free port when something else listens there',
    { ...needs('terminal'), timeout: 60_000 },
    async () => {
      const other = createServer().listen(0, '127.0.0.1')
      await once(other, 'listening')
      const { port } = other.address() as AddressInfo
      const terminal = inTerminal(['local-run', 'f', '--port', String(port)], { cwd: folder.path })
      const url = await until(() => /(http:\S+),/.exec(terminal.drawn())?.[1])
      expect(Number(new URL(url).port)).toBeGreaterThan(port)
      expect(await (await until(() => fetch(url).catch(() => undefined))).text()).toBe('from file x')
      terminal.type('\x03')
      expect(await terminal.ended).toBe(0)
      other.close()
    },
  )

  it('gives a process the secrets that lie here', { ...needs('terminal'), timeout: 60_000 }, async () => {
    const terminal = inTerminal(['local-run', 'reader', '--port', '0'], { cwd: folder.path })
    const url = await until(() => /(http:\S+),/.exec(terminal.drawn())?.[1])
    expect(await (await until(() => fetch(url).catch(() => undefined))).text()).toBe('honey')
    terminal.type('\x03')
    expect(await terminal.ended).toBe(0)
  })

  it('prints the command that runs the image, with the secrets that lie here', async () => {
    const { code, stdout } = await folder.skep(['local-run', 'f', '--print', '-p', '8081'])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        `docker run --rm -i -p 127.0.0.1:8081:8080 -v ${folder.path}/.secrets:/var/openfaas/secrets:ro ` +
        `-e SECRETS_DIR=/var/openfaas/secrets -e OPENFAAS_NAME=f -e OPENFAAS_NAMESPACE=openfaas-fn -e 'A=from file' -e B=x me/f:latest\n`,
    })
  })

  it('wants to know which function', async () => {
    const { code, stderr } = await folder.skep(['local-run'])
    expect(code).toBe(2)
    expect(stderr).toContain('hint: There are: f, reader, other.')
  })
})
