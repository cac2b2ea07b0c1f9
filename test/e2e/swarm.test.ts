import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLoad } from '../helpers/load.ts'
import { needs } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'
import { run } from '../lab/shell.ts'
import { startHive, type Hive } from './hive.ts'

const spec = { scale: { max: 9, target: 1, concurrency: 4, 'start-timeout': '2m' }, timeout: '5s' }
/** Each answers after 100 ms, so that some are in flight at every moment. */
const path = '/slow?n=100'
const callers = 6

describe('functions in a Swarm of three nodes', needs('docker', 'swarm', 'registry'), () => {
  let hive: Hive
  beforeAll(async () => {
    hive = await startHive('m1', 'w1', 'w2')
    await hive.deploy('bees', spec)
  }, 300_000)
  afterAll(() => hive.down())

  const nodes = async (): Promise<Set<string | undefined>> => new Set((await hive.replicas()).map(({ node }) => node))

  it('answer from zero', async () => {
    hive.skep.scale('bees', 0)
    await hive.has('bees', 0)
    expect(await hive.call('bees', '/')).toBe('hello')
  })

  it('are spread over all nodes, and calls over all replicas', async () => {
    hive.skep.scale('bees', 9)
    await hive.has('bees', 9)
    expect(await nodes()).toEqual(new Set(['m1', 'w1', 'w2']))
    const calls = Array.from({ length: 9 }, () => hive.call('bees', '/slow?n=2000'))
    expect(new Set(await Promise.all(calls)).size).toBe(9)
  })

  it('fail no call while replicas go', async () => {
    const load = startLoad(hive.url('bees', path), 2)
    hive.skep.scale('bees', 2)
    await hive.has('bees', 2)
    await load.stop()
    expect(load.failed).toEqual([])
  })

  it('fail no call while a new revision takes over', async () => {
    const load = startLoad(hive.url('bees', path), callers)
    await until(() => load.answered > 20)
    await hive.deploy('bees', { ...spec, environment: { VERSION: '2' } })
    await until(async () => (await hive.replicas()).every(({ revision }) => revision === 'bees-2'), 60_000)
    await load.stop()
    expect(load.failed).toEqual([])
  })

  it('fail no call while a node is drained', async () => {
    const load = startLoad(hive.url('bees', path), callers)
    await until(async () => (await nodes()).has('w2'), 60_000)
    await setAvailability(hive, 'w2', 'drain')
    await until(async () => !(await nodes()).has('w2'), 60_000)
    const before = load.answered
    await until(() => load.answered > before + 50, 60_000)
    await load.stop()
    expect(load.failed).toEqual([])
    await setAvailability(hive, 'w2', 'active')
  })

  it('fail only those calls that a lost node has, and go on elsewhere', async () => {
    const load = startLoad(hive.url('bees', path), callers)
    await until(async () => (await nodes()).has('w1'), 60_000)
    await hive.swarm.node('w1').cut()
    const before = load.answered
    await until(() => load.answered > before + 100, 60_000)
    await until(async () => !(await nodes()).has('w1'), 60_000)
    await load.stop()
    expect(load.failed.filter((failure) => !failure.startsWith('504'))).toEqual([])
    expect(load.failed.length).toBeLessThanOrEqual(callers)
    await hive.swarm.node('w1').heal()
  })

  it('are gone from every node when they are removed', async () => {
    await hive.skep.remove('bees')
    const left = (): Promise<object[][]> => {
      const query = { all: true, filters: { label: ['skep.function'] } }
      return Promise.all(hive.swarm.nodes.map(({ docker }) => docker.listContainers(query)))
    }
    await until(async () => (await left()).flat().length === 0, 60_000)
    expect(await hive.swarm.node('m1').docker.listServices()).toEqual([])
  })
})

async function setAvailability({ swarm }: Hive, name: string, availability: 'active' | 'drain'): Promise<void> {
  const { dockerHost } = swarm.node('m1')
  await run('docker', ['node', 'update', '--availability', availability, name], { DOCKER_HOST: dockerHost })
}
