import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dockerHost } from '../helpers/docker-host.ts'
import { docker } from '../helpers/engine.ts'
import { TestGateway } from '../helpers/gateway.ts'
import { needs } from '../helpers/needs.ts'
import { relayTo, type Relay } from '../helpers/relay.ts'
import { until } from '../helpers/until.ts'
import { functionImage, removeEverythingOf } from '../providers/docker-ground.ts'

const instance = `skep-${crypto.randomUUID().slice(0, 8)}`
/** What the promise allows, and some more because this machine has other work as well. */
const soonMs = 2000 + 1000

const containersOf = async (service: string): Promise<number> => {
  const label = [`skep.gateway=${instance}`, `skep.function=${service}`]
  return (await docker().listContainers({ all: true, filters: { label } })).length
}

describe('while the Docker engine is away', needs('docker'), () => {
  let relay: Relay
  let gateway: TestGateway
  beforeAll(async () => {
    relay = await relayTo(dockerHost ?? '')
    gateway = await TestGateway.start({ SKEP_PROVIDER: 'docker', SKEP_INSTANCE: instance, DOCKER_HOST: relay.host })
    const image = await functionImage('probe')
    for (const service of ['warm', 'cold']) await gateway.admin('POST', '/system/functions', { service, image })
    await gateway.admin('POST', '/system/scale-function/cold', { serviceName: 'cold', replicas: 0 })
    await until(async () => (await containersOf('cold')) === 0)
    await relay.cut()
  })
  afterAll(async () => {
    await gateway.stop()
    await relay.close()
    await removeEverythingOf(instance)
  })

  it('a warm function goes on', async () => {
    for (let i = 0; i < 20; i++) expect((await gateway.call('warm/')).status).toBe(200)
  })

  it('a cold one says so at once', async () => {
    const began = performance.now()
    const answer = await gateway.call('cold/')
    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ code: 'provider_unavailable' })
    expect(performance.now() - began).toBeLessThan(soonMs)
  })

  it('a deploy says so, too', async () => {
    const deploy = gateway.admin('POST', '/system/functions', { service: 'new', image: 'x' })
    await expect(deploy).rejects.toThrow('provider_unavailable')
  })

  it('a gateway that starts knows every function', async () => {
    await gateway.kill('SIGKILL')
    await gateway.startAgain()
    const listed = (await (await gateway.admin('GET', '/system/functions')).json()) as { name: string }[]
    expect(listed.map(({ name }) => name)).toEqual(['cold', 'warm'])
  })

  it('everything works again when it is back', async () => {
    await relay.heal()
    await until(async () => (await gateway.call('cold/')).status === 200)
    await until(async () => (await gateway.call('warm/')).status === 200)
  })
})
