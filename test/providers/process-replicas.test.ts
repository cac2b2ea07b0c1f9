import { execFile, spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Replica, Revision } from '../../gateway/core/ports.ts'
import type { FunctionSpec } from '../../gateway/core/spec.ts'
import type { ProcessOptions } from '../../gateway/providers/process.ts'
import { ask, askSoon, useSite } from '../contract/provider-site.ts'
import { until } from '../helpers/until.ts'
import { processGround } from './process-ground.ts'

const site = useSite('process', processGround)
const inData = (...path: string[]): string => join((site().ground.options as ProcessOptions).dataDir, ...path)

async function runHandler(source: string, limits: FunctionSpec['limits'] = {}): Promise<[Revision, Replica]> {
  const folder = await mkdtemp(join(tmpdir(), 'skep-function-'))
  await writeFile(join(folder, 'handler.js'), source)
  const made = await site().run('probe', { image: `dir:${folder}`, limits })
  await rm(folder, { recursive: true })
  return [made, await site().replicaOf(made)]
}

const pidsOf = async (made: Revision): Promise<string[]> =>
  (await site().ground.leftovers(made)).filter((name) => /^\d+$/.test(name))

/** Runs a command so many times while it loads. */
const spawner = (times: number, command: string, ...words: string[]): string => `
  for (let i = 0; i < ${times}; i++) {
    require('node:child_process').spawn('${command}', ${JSON.stringify(words)}, { stdio: 'ignore' })
  }
  module.exports = () => 'hello'`

describe('a replica', () => {
  it.each([
    ['what it has started', spawner(2, 'sleep', '600')],
    ['what has made a process group of its own', spawner(2, 'sh', '-mc', 'sleep 600 & wait')],
  ])('takes with it %s', async (_, source) => {
    const [made] = await runHandler(source)
    await until(async () => (await pidsOf(made)).length >= 3)
    await site().provider.scale(made, 0)
    await until(async () => (await pidsOf(made)).length === 0)
    expect(await site().replicasOf(made)).toEqual([])
  })

  it('is ended when it has more processes than it may', async () => {
    const [made, replica] = await runHandler(spawner(60, 'sleep', '600'), { pids: 40 })
    expect((await site().gone(replica)).reason).toBe('It was killed: it had more than its 40 processes and threads.')
    expect(await pidsOf(made)).toEqual([])
  })

  it('shares its memory limit with what it has started', async () => {
    const child = 'globalThis.kept = Buffer.alloc(200 * 1024 * 1024, 1); setTimeout(() => {}, 60_000)'
    const [, replica] = await runHandler(spawner(1, 'node', '-e', child), { memory: '150Mi' })
    expect((await site().gone(replica)).reason).toBe('It was killed: it used more than its 150Mi of memory.')
  })

  it('has a working directory of its own, which is its home', async () => {
    const made = await site().run('probe', {}, 2)
    const homes = (await site().replicasOf(made)).map(async (replica) => {
      const { HOME, TMPDIR } = JSON.parse(await askSoon(replica, '/environment')) as Record<string, string>
      const cwd = await ask(replica, '/cwd')
      expect([cwd, TMPDIR]).toEqual([HOME, `${HOME}/tmp`])
      return cwd
    })
    expect(new Set(await Promise.all(homes)).size).toBe(2)
  })

  it('leaves its log behind, which goes when three later ones have ended', async () => {
    const made = await site().run('probe')
    for (const text of ['one', 'two', 'three', 'four']) {
      await site().provider.scale(made, 1)
      await askSoon(await site().replicaOf(made), `/say?text=${text}`)
      await site().provider.scale(made, 0)
    }
    const texts: string[] = []
    const query = { function: made.function, follow: false, signal: AbortSignal.timeout(10_000) }
    for await (const { text } of site().provider.logs(query)) texts.push(text)
    expect(texts.filter((text) => !text.startsWith('SIGTERM'))).toEqual(['two', 'three', 'four'])
  })
})

describe('a gateway that comes back', () => {
  it('does not take another process for a replica that ended meanwhile, and leaves it alone', async () => {
    const made = await site().run('probe')
    const replica = await site().replicaOf(made)
    await askSoon(replica, '/say?text=before')
    await site().letGo()
    await ask(replica, '/exit?n=0&text=bye')
    await until(async () => (await pidsOf(made)).length === 0)
    const stranger = spawn('sleep', ['600'])
    const record = inData('replicas', replica.id, 'replica.json')
    const known = JSON.parse(await readFile(record, 'utf8')) as { pid: number }
    await writeFile(record, JSON.stringify({ ...known, pid: stranger.pid }))

    const provider = await site().reopen()
    expect(await provider.replicas()).toEqual([])
    await provider.remove(made)
    expect(stranger.kill(0)).toBe(true)
    stranger.kill()
  })

  it('ends what is left of a revision whose removal was interrupted', async () => {
    const made = await site().run('probe')
    await askSoon(await site().replicaOf(made), '/')
    await site().letGo()
    await rm(inData('revisions', made.id), { recursive: true })
    const provider = await site().reopen()
    expect(await provider.replicas()).toEqual([])
    await until(async () => (await pidsOf(made)).length === 0)
    expect(await site().ground.leftovers(made)).toEqual([])
  })
})

it('keeps a secret in one file that only this user can read', async () => {
  const { provider, run } = site()
  const value = `value-${crypto.randomUUID()}`
  await provider.secrets?.put({ name: 'token', namespace: 'openfaas-fn' }, Buffer.from(value))
  await run('probe', { secrets: ['token'] })
  const { stdout } = await promisify(execFile)('grep', ['-rlF', value, inData()])
  expect(stdout.trim()).toBe(inData('secrets/openfaas-fn/token'))
  const modes = ['secrets', 'secrets/openfaas-fn', 'secrets/openfaas-fn/token'].map(
    (path) => statSync(inData(path)).mode & 0o777,
  )
  expect(modes).toEqual([0o700, 0o700, 0o600])
})
