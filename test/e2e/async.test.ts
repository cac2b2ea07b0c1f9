import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { cliFolder } from '../helpers/cli.ts'
import type { CliFolder, CliResult } from '../helpers/cli.ts'
import { TestGateway } from '../helpers/gateway.ts'
import { startRedis } from '../helpers/redis.ts'
import type { RedisServer } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis('--appendonly', 'yes', '--appendfsync', 'always')
})
afterAll(() => redis.stop())

// What a new user does by hand, with nothing but the CLI and curl.
describe.each([
  ['embedded', () => ({})],
  ['redis', () => ({ SKEP_REDIS_URL: redis.url })],
] as const)('with the queue %s', (kind, settings) => {
  let gateway: TestGateway
  let folder: CliFolder
  beforeAll(async () => {
    gateway = await TestGateway.start({ SKEP_PROVIDER: 'process', SKEP_QUEUE: kind, ...settings() })
    folder = cliFolder()
    await deploy('works', `module.exports = async (event) => 'seen ' + event.body`)
  })
  afterAll(async () => {
    await skep('remove', 'works')
    await gateway.stop()
    folder.remove()
  })
  afterEach(() => skep('async', 'purge', '--all'))

  const skep = (...args: string[]): Promise<CliResult> =>
    folder.skep(args, { env: { OPENFAAS_URL: gateway.url, SKEP_DATA: gateway.dataDir } })
  async function deploy(name: string, handler: string): Promise<void> {
    mkdirSync(join(folder.path, name), { recursive: true })
    writeFileSync(join(folder.path, name, 'handler.js'), handler)
    const entry = { lang: 'node', handler: `./${name}`, image: name, async: { attempts: 2, 'min-wait': '10ms' } }
    const stack = { provider: { name: 'openfaas' }, functions: { [name]: entry } }
    writeFileSync(join(folder.path, `${name}.yml`), JSON.stringify(stack))
    const { code, stderr } = await skep('up', '-f', `${name}.yml`)
    if (code !== 0) throw new Error(stderr)
  }
  async function submit(path: string, headers: Record<string, string> = {}): Promise<string> {
    const init = { method: 'POST', body: 'me', headers: { 'Content-Type': 'text/plain', ...headers } }
    const answer = await fetch(`${gateway.url}/async-function/${path}`, init)
    expect(answer.status).toBe(202)
    return answer.headers.get('X-Call-Id') ?? ''
  }
  const show = async (id: string): Promise<Record<string, unknown>> =>
    (await fetch(`${gateway.url}/async-function/${id}?wait=20s`)).json() as never

  it('runs a call and shows its result', async () => {
    const id = await submit('works')
    expect(await show(id)).toMatchObject({ state: 'done', answer: { status: 200, body: 'seen me' } })
  })

  it('runs a call that was accepted before the gateway was killed', async () => {
    const id = await submit('works', { 'X-Delay': '1s' })
    await gateway.kill('SIGKILL')
    await gateway.startAgain()
    expect(await show(id)).toMatchObject({ id, state: 'done', answer: { body: 'seen me' } })
  })

  it('keeps what a broken function did not do until it is mended', async () => {
    await deploy('broken', `module.exports = async () => { throw new Error('no database') }`)
    const id = await submit('broken')
    expect(await show(id)).toMatchObject({ state: 'dead', attempt: 2 })
    const listed = await skep('async', 'list', '--state', 'dead')
    expect(listed.stdout).toMatch(new RegExp(`^${id} +broken +dead +\\S+ +2 +It answered 500`, 'm'))
    expect((await skep('list')).stdout).toMatch(/^NAME .* DEAD\n(.*\n)*broken .* 1$/m)
    expect((await skep('async', 'show', id)).stdout).toContain('"body": "me"')

    await deploy('broken', `module.exports = async (event) => 'mended ' + event.body`)
    expect((await skep('async', 'retry', '--function', 'broken')).stdout).toBe('1 call sent again\n')
    expect(await show(id)).toMatchObject({ state: 'done', attempt: 3, answer: { body: 'mended me' } })
    await skep('remove', 'broken')
  })

  it('takes back calls that wait, and counts them', async () => {
    const ids = [await submit('works', { 'X-Delay': '1h' }), await submit('works', { 'X-Delay': '1h' })]
    expect((await skep('async', 'count')).stdout).toMatch(/^works +0 +2 +0 +0 +0 +0$/m)
    expect((await skep('async', 'cancel', ids[0] ?? '')).stdout).toBe('1 call cancelled\n')
    expect((await skep('async', 'cancel', '--state', 'delayed')).stdout).toBe('1 call cancelled\n')
    expect(await skep('async', 'retry')).toMatchObject({ code: 2, stderr: expect.stringContaining('which calls') })
    expect((await skep('async', 'retry', '--all')).stdout).toBe('0 calls sent again\n')
    expect(await skep('async', 'retry', 'unknown')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('error: Not sent again: unknown.\nhint: '),
    })
    expect((await skep('async', 'purge', '--function', 'works')).stdout).toBe('2 calls forgotten\n')
    expect(JSON.parse((await skep('async', 'list', '--json')).stdout)).toEqual([])
  })

  it('accepts nothing for a function that is not there', async () => {
    expect((await fetch(`${gateway.url}/async-function/nobody`, { method: 'POST' })).status).toBe(404)
  })

  it('scales from zero for a queued call', async () => {
    await gateway.admin('POST', '/system/scale-function/works', { replicas: 0 })
    await until(async () => (await gateway.replicas('works')).availableReplicas === 0)
    expect(await show(await submit('works'))).toMatchObject({ state: 'done' })
  })
})

describe('when Redis is away', () => {
  it('accepts nothing, says so within two seconds, and serves functions all the same', async () => {
    const server = await startRedis()
    const gateway = await TestGateway.start({
      SKEP_PROVIDER: 'process',
      SKEP_QUEUE: 'redis',
      SKEP_REDIS_URL: server.url,
    })
    const folder = cliFolder()
    mkdirSync(join(folder.path, 'works'))
    writeFileSync(join(folder.path, 'works/handler.js'), `module.exports = async () => 'yes'`)
    const spec = { service: 'works', image: `dir:${folder.path}/works`, runtime: 'node' }
    await gateway.admin('POST', '/system/functions', spec)
    const submit = () => fetch(`${gateway.url}/async-function/works`, { method: 'POST', body: 'me' })
    expect((await submit()).status).toBe(202)
    await server.kill()
    const asked = performance.now()
    expect((await submit()).status).toBe(503)
    expect(performance.now() - asked).toBeLessThan(2000)
    expect(await (await gateway.call('works')).text()).toBe('yes')
    await server.start()
    await until(async () => (await submit()).status === 202)
    await gateway.admin('DELETE', '/system/functions', { functionName: 'works' })
    await gateway.stop()
    await server.stop()
    folder.remove()
  })
})
