import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dockerHost, ownEngine } from '../helpers/docker-host.ts'
import { baseImage, docker } from '../helpers/engine.ts'
import { TestGateway } from '../helpers/gateway.ts'
import { needs, notRun } from '../helpers/needs.ts'
import { startRegistry } from '../helpers/registry.ts'
import { until } from '../helpers/until.ts'
import { inside } from '../lab/namespace.ts'
import { removeEverythingOf } from '../providers/docker-ground.ts'

// What a new user does first. In one file, one after the other, because the ports are what the user types.

let home: string
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'skep-home-'))))
afterEach(() => rmSync(home, { recursive: true }))

describe('npm run demo', () => {
  it('shows a function’s answer, and leaves nothing running, with --once', async () => {
    const { child, output } = demo('--once')
    const [code] = await once(child, 'close')
    expect(output()).toMatch(/^Hello, Maja!$/m)
    expect(output()).toContain('hello: removed')
    expect(code).toBe(0)
    await until(() => processes().length === 0)
  })

  it('serves until Ctrl-C, with a password of its own, and leaves nothing running', async () => {
    const { child, output } = demo()
    await until(() => output().includes('Ctrl-C stops everything'), 50_000)
    const url = /listens on (http:\S+)$/m.exec(output())?.[1]
    const password = /password of "admin" is (\S+)/.exec(output())?.[1]
    expect(await (await fetch(`${url}/function/hello?name=Ada`)).text()).toBe('Hello, Ada!\n')
    expect((await fetch(`${url}/system/functions`)).status).toBe(401)
    const file = join(home, '.skep/demo/password')
    expect(readFileSync(file, 'utf8').trim()).toBe(password)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    // Ctrl-C goes to the whole group, npm too.
    process.kill(-(child.pid ?? 0), 'SIGINT')
    await once(child, 'close')
    expect(output()).toContain('Stopping …')
    await until(() => processes().length === 0)
  })
})

// The tests' own engine may live in a network namespace; there nobody else has taken the ports.
const namespace = ownEngine?.network.namespace
const taken = namespace ? undefined : (await Promise.all([8080, 5000].map(takenPort))).find(Boolean)

describe('the five lines of a first function', { ...needs('registry'), ...(taken && notRun(taken)) }, () => {
  const lines = [
    'faas new hello-world --lang node --gateway http://127.0.0.1:8080',
    'faas build -f hello-world.yml',
    'faas push -f hello-world.yml',
    'faas deploy -f hello-world.yml',
    'ab -n 1000 -c 10 http://127.0.0.1:8080/function/hello-world',
  ]
  const endings: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of endings.reverse()) await end()
  })

  it('work as they stand, and no request fails', async () => {
    mkdirSync(join(home, 'bin'))
    const faas = `#!/bin/sh\nexec ${process.execPath} ${resolve('cli/main.ts')} "$@"\n`
    writeFileSync(join(home, 'bin/faas'), faas, { mode: 0o755 })
    endings.push(await provideBase())
    endings.push(() => docker().getImage('127.0.0.1:5000/hello-world').remove({ force: true }))
    endings.push((await startRegistry(undefined, 5000)).stop)
    endings.push(await startDockerGateway(home))
    const env = { PATH: `${join(home, 'bin')}:${process.env['PATH']}`, HOME: home, DOCKER_HOST: dockerHost }
    let output = ''
    for (const line of lines) {
      const [program, args] = inside(namespace, ['sh', '-c', line])
      output = (await promisify(execFile)(program, args, { cwd: home, env })).stdout
    }
    expect(output).toMatch(/^Complete requests: +1000$/m)
    expect(output).toMatch(/^Failed requests: +0$/m)
    expect(output).not.toContain('Non-2xx responses')
  })
})

function demo(...args: string[]): { child: ChildProcess; output: () => string } {
  const { PATH } = process.env
  const child = spawn('npm', ['run', '-s', 'demo', '--', ...args], { env: { PATH, HOME: home }, detached: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return { child, output: () => output }
}

/** Every process of the demo knows its home. */
const processes = () =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(home)
    } catch {
      return false // It ended while we looked, or is not ours to look at.
    }
  })

function takenPort(port: number): Promise<string | undefined> {
  const server = createServer()
  return new Promise((found) => {
    server.once('error', () => found(`port ${port} is taken on this machine`))
    server.listen(port, '127.0.0.1', () => server.close(() => found(undefined)))
  })
}

/** With its data where the CLI of the same user finds the password. */
async function startDockerGateway(folder: string): Promise<() => Promise<void>> {
  const instance = `skep-${crypto.randomUUID().slice(0, 8)}`
  const gateway = await TestGateway.start(
    {
      HOME: folder,
      SKEP_DATA: join(folder, '.skep'),
      SKEP_PORT: '8080',
      SKEP_PROVIDER: 'docker',
      SKEP_INSTANCE: instance,
      DOCKER_HOST: dockerHost ?? '',
    },
    namespace,
  )
  return async () => {
    await gateway.stop()
    await removeEverythingOf(instance)
  }
}

/** The template's base image under its usual name, unless the engine has it; resolves with the way to take it away. */
async function provideBase(): Promise<() => Promise<unknown>> {
  const name = docker().getImage('node:24-alpine')
  const isThere = await name.inspect().then(
    () => true,
    () => false,
  )
  if (isThere) return async () => undefined
  await docker()
    .getImage(await baseImage('node'))
    .tag({ repo: 'node', tag: '24-alpine' })
  return () => name.remove()
}
