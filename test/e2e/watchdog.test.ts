import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dockerHost } from '../helpers/docker-host.ts'
import { TestGateway } from '../helpers/gateway.ts'
import { startLoad } from '../helpers/load.ts'
import { needs } from '../helpers/needs.ts'
import { buildTemplate } from '../helpers/runtime-image.ts'
import { until } from '../helpers/until.ts'
import { removeEverythingOf } from '../providers/docker-ground.ts'

const fixture = fileURLToPath(new URL('../fixtures/functions/watchdog', import.meta.url))

describe('an image with a watchdog', needs('docker'), () => {
  const instance = `skep-${crypto.randomUUID().slice(0, 8)}`
  let image: string
  let gateway: TestGateway
  beforeAll(async () => {
    image = await buildTemplate('dockerfile', fixture, { BASE_IMAGE: 'node' })
    const settings = { SKEP_PROVIDER: 'docker', SKEP_INSTANCE: instance, DOCKER_HOST: dockerHost ?? '' }
    gateway = await TestGateway.start(settings)
  })
  afterAll(async () => {
    await gateway.kill('SIGKILL') // a watchdog would linger longer than a test has
    await removeEverythingOf(instance)
    await gateway.stop()
  })

  const deploy = (service: string, more: object = {}): Promise<Response> =>
    gateway.admin('POST', '/system/functions', { service, image, ...more })
  const scale = async (service: string, replicas: number): Promise<void> => {
    await gateway.admin('POST', `/system/scale-function/${service}`, { serviceName: service, replicas })
    await until(async () => (await gateway.replicas(service)).availableReplicas === replicas)
  }

  it('fails no request at a cold start, though it says too early that it is ready', async () => {
    await deploy('cold')
    for (const accept of ['*/*', 'text/event-stream']) {
      await scale('cold', 0)
      const call = (_: unknown, i: number): Promise<Response> =>
        gateway.call('cold', { method: 'POST', body: `call ${i}`, headers: { accept } })
      const answers = await Promise.all(Array.from({ length: 30 }, call))
      const texts = await Promise.all(answers.map((answer) => answer.text()))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
      expect(texts.map((text) => text.replace(/^\S+ /, ''))).toEqual(texts.map((_, i) => `call ${i}`))
    }
  })

  it('fails no request while it is scaled and deployed again, though it drops what it has when it is stopped', async () => {
    await deploy('busy')
    const load = startLoad(`${gateway.url}/function/busy?n=30`, 8)
    await scale('busy', 3)
    await scale('busy', 1)
    await deploy('busy', { envVars: { child_delay: '2500' } })
    const before = load.answered
    await until(() => load.answered > before + 50)
    await load.stop()
    expect(load.failed).toEqual([])
  })

  it('keeps the revision before when its function dies at once, though it said that it was ready', async () => {
    await deploy('mortal')
    const bad = deploy('mortal', { envProcess: 'node no-such-file.js' })
    await expect(bad).rejects.toThrow('no-such-file.js')
    expect((await gateway.call('mortal')).status).toBe(200)
    expect(await gateway.replicas('mortal')).toMatchObject({ revision: 1 })
  })

  it('of the classic kind runs the function for nobody but its callers, with their headers and its timeout', async () => {
    await deploy('classic', { envVars: { mode: 'classic', read_timeout: '3m' }, envProcess: 'env', timeout: '2m' })
    const answer = await gateway.call('classic/path?x=1', { headers: { 'X-Answer': '42' } })
    const lines = (await answer.text()).split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        'INVOCATION=1',
        'Http_x_answer=42',
        'Http_Method=GET',
        'Http_Path=/path?x=1',
        'exec_timeout=120s',
        'read_timeout=3m',
      ]),
    )
  })
})
