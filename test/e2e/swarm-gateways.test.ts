import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { baseImage } from '../helpers/engine.ts'
import { TestGateway } from '../helpers/gateway.ts'
import { startLoad } from '../helpers/load.ts'
import { needs } from '../helpers/needs.ts'
import { reachOverlay } from '../helpers/overlay.ts'
import { startRedis, type RedisServer } from '../helpers/redis.ts'
import { startRegistry, type Registry } from '../helpers/registry.ts'
import { startSwarm, type Swarm } from '../helpers/swarm.ts'
import { until } from '../helpers/until.ts'
import { functionImage } from '../providers/docker-ground.ts'
import { pushFrom } from '../providers/swarm-ground.ts'

describe('two gateways on a Swarm', { ...needs('docker', 'redis', 'swarm', 'registry'), timeout: 180_000 }, () => {
  let swarm: Swarm
  let registry: Registry
  let redis: RedisServer
  let image: string
  let first: TestGateway
  let second: TestGateway

  const answer = async (gateway: TestGateway, path: string): Promise<string> => {
    const got = await gateway.call(path)
    return `${got.status} ${await got.text()}`
  }

  beforeAll(async () => {
    swarm = await startSwarm('m1', 'w1')
    const manager = swarm.node('m1')
    registry = await startRegistry(swarm.machineAddress)
    redis = await startRedis()
    await swarm.load(await baseImage('busybox'))
    image = await pushFrom(manager, registry, await functionImage('probe'))
    const settings = {
      SKEP_PROVIDER: 'swarm',
      SKEP_STORE: 'redis',
      SKEP_REDIS_URL: redis.url,
      DOCKER_HOST: manager.dockerHost,
    }
    first = await TestGateway.start(settings)
    second = await TestGateway.start(settings)
    await reachOverlay(manager, 'skep-functions')
  }, 300_000)
  afterAll(async () => {
    await first.stop()
    await second.stop()
    await redis.stop()
    await registry.stop()
    await swarm.down()
  })

  it('serve, start and deploy as one, and go on when the one that leads is killed', async () => {
    await second.admin('POST', '/system/functions', { service: 'bees', image })
    expect(await Promise.all([answer(first, 'bees/'), answer(second, 'bees/')])).toEqual(['200 hello', '200 hello'])
    await first.admin('POST', '/system/scale-function/bees', { serviceName: 'bees', replicas: 0 })
    await until(async () => (await second.replicas('bees')).availableReplicas === 0)
    const cold = await Promise.all(Array.from({ length: 20 }, () => answer(second, 'bees/id')))
    expect(new Set(cold).size).toBe(1)

    const loads = [first, second].map((gateway) => startLoad(`${gateway.url}/function/bees/slow?n=5`, 4))
    const change = { service: 'bees', image, envVars: { ROUND: '2' } }
    await second.admin('PUT', '/system/functions', change)
    await loads[0]?.stop()
    await first.kill('SIGKILL')
    await second.admin('PUT', '/system/functions', { ...change, envVars: { ROUND: '3' } })
    await loads[1]?.stop()
    expect(loads.flatMap(({ failed }) => failed)).toEqual([])
  })
})
