import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dockerHost } from '../helpers/docker-host.ts'
import { TestGateway } from '../helpers/gateway.ts'
import { startLoad } from '../helpers/load.ts'
import { needs } from '../helpers/needs.ts'
import { startRedis, type RedisServer } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'
import { everythingWith, functionImage, removeEverythingOf } from '../providers/docker-ground.ts'

describe('two gateways', { ...needs('docker', 'redis'), timeout: 120_000 }, () => {
  const instance = `skep-${crypto.randomUUID().slice(0, 8)}`
  let redis: RedisServer
  let image: string
  let first: TestGateway
  let second: TestGateway

  const start = (): Promise<TestGateway> =>
    TestGateway.start({
      SKEP_PROVIDER: 'docker',
      SKEP_INSTANCE: instance,
      SKEP_STORE: 'redis',
      SKEP_QUEUE: 'redis',
      SKEP_REDIS_URL: redis.url,
      DOCKER_HOST: dockerHost ?? '',
    })
  const deploy = (gateway: TestGateway, service: string, more: object = {}): Promise<Response> =>
    gateway.admin('POST', '/system/functions', { service, image, ...more })
  const deployWhenPossible = (gateway: TestGateway, service: string): Promise<boolean> => {
    const tried = (): Promise<boolean> =>
      deploy(gateway, service).then(
        () => true,
        () => false,
      )
    return until(tried)
  }
  const answer = async (gateway: TestGateway, path: string): Promise<string> => {
    const got = await gateway.call(path)
    return `${got.status} ${await got.text()}`
  }
  /** Names of the containers that run the function now. */
  const containers = (service: string): Promise<string[]> =>
    everythingWith({ 'skep.gateway': instance, 'skep.function': service, 'skep.revision': `${service}-1` })
  const has = (service: string, replicas: number): Promise<boolean> =>
    until(async () => {
      const seen = await Promise.all([first, second].map((gateway) => gateway.replicas(service)))
      return seen.every(({ availableReplicas }) => availableReplicas === replicas)
    })

  beforeAll(async () => {
    redis = await startRedis('--appendonly', 'yes')
    image = await functionImage('probe')
    first = await start()
    second = await start()
  }, 120_000)
  afterAll(async () => {
    await Promise.all([first, second].map((gateway) => gateway.stop()))
    await redis.stop()
    await removeEverythingOf(instance)
  })

  it('both serve what was deployed through either of them', async () => {
    for (const [index, gateway] of [first, second].entries()) await deploy(gateway, `both-${index}`)
    for (const gateway of [first, second]) {
      expect(await answer(gateway, 'both-0/')).toBe('200 hello')
      expect(await answer(gateway, 'both-1/')).toBe('200 hello')
    }
  })

  it('start a cold function once, whichever is called', async () => {
    await deploy(first, 'cold')
    for (const asked of [first, second]) {
      await asked.admin('POST', '/system/scale-function/cold', { serviceName: 'cold', replicas: 0 })
      await has('cold', 0)
      const calls = Array.from({ length: 60 }, (_, index) => (index % 2 ? first : second).call('cold/id'))
      const ids = await Promise.all((await Promise.all(calls)).map((got) => got.text()))
      expect(new Set(ids).size).toBe(1)
    }
  })

  it('lose no call while the function is deployed again, scaled, split and rolled back through both', async () => {
    await deploy(first, 'flip')
    const loads = [first, second].map((gateway) => startLoad(`${gateway.url}/function/flip/slow?n=5`, 6))
    for (const [round, gateway] of [first, second, first, second].entries()) {
      await gateway.admin('PUT', '/system/functions', { service: 'flip', image, envVars: { ROUND: `${round}` } })
      await gateway.admin('POST', '/system/scale-function/flip', { serviceName: 'flip', replicas: 3 })
      await has('flip', 3)
      await gateway.admin('POST', '/system/scale-function/flip', { serviceName: 'flip', replicas: 1 })
      await gateway.admin('POST', '/system/rollback/flip', {})
    }
    await Promise.all(loads.map((load) => load.stop()))
    expect(loads.flatMap(({ failed }) => failed)).toEqual([])
    expect(Math.min(...loads.map(({ answered }) => answered))).toBeGreaterThan(50)
  })

  it('both go by a rollback when it is answered, whichever was asked', async () => {
    await deploy(first, 'moment')
    for (const asked of [first, second]) {
      await first.admin('PUT', '/system/functions', { service: 'moment', image, envVars: { ASKED: asked.url } })
      const before = await answer(first, 'moment/id')
      await asked.admin('POST', '/system/rollback/moment', {})
      for (const gateway of [first, second]) expect(await answer(gateway, 'moment/id')).not.toBe(before)
    }
  })

  it('do not end a replica that answers a long call of the other one', async () => {
    await deploy(first, 'long')
    const calls = [first, second].map((gateway) => answer(gateway, 'long/slow?n=3000'))
    await until(async () => (await containers('long')).length > 0)
    await first.admin('PUT', '/system/functions', { service: 'long', image, envVars: { ROUND: '2' } })
    await second.admin('DELETE', '/system/functions', { functionName: 'long' })
    for (const text of await Promise.all(calls)) expect(text).toMatch(/^200 [-0-9a-f]{36}$/)
    await until(async () => (await containers('long')).length === 0, 30_000)
  })

  it('go to zero when neither is called, and not before', async () => {
    await deploy(first, 'rest', { scale: { 'zero-duration': '2s' } })
    for (const gateway of [first, second]) {
      const before = await answer(gateway, 'rest/id')
      for (const end = performance.now() + 4000; performance.now() < end;) {
        expect(await answer(gateway, 'rest/id')).toBe(before)
      }
    }
    await has('rest', 0)
  })

  it('judge a canary by the calls of both, whichever gets them', async () => {
    await deploy(first, 'canary')
    const canary = { steps: [50], every: '1s', 'min-requests': 5, 'max-p95': 100 }
    await second.admin('PUT', '/system/functions', { service: 'canary', image, envVars: { ROUND: '2' }, canary })
    await until(async () => {
      await answer(second, 'canary/')
      const revisions = await (await first.admin('GET', '/system/revisions/canary')).json()
      return (revisions as { number: number; weight: number }[]).some(
        ({ number, weight }) => number === 2 && weight === 100,
      )
    }, 30_000)
  })

  it('give fresh replicas the value that a secret got through the one that follows', async () => {
    const secret = (method: string, value: string): Promise<Response> =>
      second.admin(method, '/system/secrets', { name: 'shared', value })
    await secret('POST', 'old')
    await deploy(first, 'reader', { secrets: ['shared'] })
    expect(await answer(second, 'reader/secret?text=shared')).toBe('200 old')
    await secret('PUT', 'new')
    await until(async () => (await answer(second, 'reader/secret?text=shared')) === '200 new')
  })

  it('go on without the one that led, and without a failed call at the other', async () => {
    await deploy(first, 'orphan')
    const redisClient = new Redis(redis.url)
    const leader = (): Promise<string | null> => redisClient.get('{skep}:peers:lead')
    const before = await leader()
    // Whoever started first leads; the other one is left.
    const load = startLoad(`${second.url}/function/orphan/slow?n=5`, 6)
    await first.kill('SIGKILL')
    const cold = deploy(second, 'later').then(() => answer(second, 'later/'))
    await until(async () => ![null, before].includes(await leader()))
    expect(await cold).toBe('200 hello')
    await second.admin('POST', '/system/scale-function/orphan', { serviceName: 'orphan', replicas: 2 })
    await until(async () => (await second.replicas('orphan')).availableReplicas === 2)
    await load.stop()
    expect(load.failed).toEqual([])
    await first.startAgain()
    await has('orphan', 2)
    redisClient.disconnect()
  })

  it('serve on while Redis loses all its data, and share their work again afterwards', async () => {
    await deploy(first, 'kept')
    const loads = [first, second].map((gateway) => startLoad(`${gateway.url}/function/kept/slow?n=5`, 3))
    const client = new Redis(redis.url)
    await client.flushall()
    await until(async () => (await client.exists('{skep}:store:documents')) === 1)
    client.disconnect()
    await deploy(second, 'after-flush')
    for (const gateway of [first, second]) expect(await answer(gateway, 'after-flush/')).toBe('200 hello')
    await Promise.all(loads.map((load) => load.stop()))
    expect(loads.flatMap(({ failed }) => failed)).toEqual([])
  })

  it('serve on while Redis is dead, and do again what they could not when it is back', async () => {
    await deploy(first, 'steadfast')
    const loads = [first, second].map((gateway) => startLoad(`${gateway.url}/function/steadfast/slow?n=5`, 3))
    await redis.kill()
    const before = loads.map(({ answered }) => answered)
    await expect(deploy(second, 'refused')).rejects.toThrow(/store_unavailable|no_leader/)
    await until(() => loads.every(({ answered }, at) => answered > (before[at] ?? 0) + 200))
    await redis.start()
    await deployWhenPossible(second, 'back')
    for (const gateway of [first, second]) expect(await answer(gateway, 'back/')).toBe('200 hello')
    await Promise.all(loads.map((load) => load.stop()))
    expect(loads.flatMap(({ failed }) => failed)).toEqual([])
  })

  it('start without Redis, serve what the labels say, and join when it is there', async () => {
    await deploy(first, 'labelled')
    await first.admin('POST', '/system/scale-function/labelled', { serviceName: 'labelled', replicas: 0 })
    await has('labelled', 0)
    for (const gateway of [first, second]) await gateway.kill('SIGTERM')
    await redis.kill()
    for (const gateway of [first, second]) await gateway.startAgain()
    for (const gateway of [first, second]) expect(await answer(gateway, 'labelled/')).toBe('200 hello')
    await redis.start()
    await deployWhenPossible(second, 'joined')
    for (const gateway of [first, second]) expect(await answer(gateway, 'joined/')).toBe('200 hello')
  })
})
