import { expect, it } from 'vitest'
import { UsageMeter } from '../../gateway/core/usage.ts'
import { SkepError } from '../../gateway/core/errors.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'
import { Skep } from '../../gateway/core/skep.ts'
import { until } from '../helpers/until.ts'
import { partsOf, place } from './place.ts'

const replica = { id: 'a', revision: 'hello-1', address: { host: 'x', port: 1 }, paused: false }

it('adds up what replicas use from one look to the next', async () => {
  let busySeconds = 0
  const meter = new UsageMeter({
    usage: async () => ({ cpuSeconds: (busySeconds += 1_000_000), memoryBytes: 1024 }),
  })
  const usage = await meter.of([replica, { ...replica, id: 'b' }])
  expect(usage?.memoryBytes).toBe(2048)
  expect(usage?.cpuMillis).toBeGreaterThan(1_000_000)
})

it('is not known where the place cannot tell', async () => {
  expect(await new UsageMeter({}).of([replica])).toBeUndefined()
})

it.each([
  ['cpu', { type: 'cpu', target: 100 }],
  ['queue', { type: 'queue', target: 10 }],
])('a function that grows by its %s gets more replicas, though nothing is in flight', async (_, scale) => {
  const there = place()
  let cpuSeconds = 0
  there.provider.usage = async () => ({ cpuSeconds: (cpuSeconds += 1000), memoryBytes: 0 })
  const none = { delayed: 0, running: 0, done: 0, dead: 0, cancelled: 0 }
  const queueDepth = async () => new Map([['hello', { ...none, waiting: 35 }]])
  const skep = new Skep({ ...partsOf(there), queueDepth })
  await skep.start()
  await skep.deploy(FunctionSpec.parse({ name: 'hello', image: 'x', scale: { ...scale, max: 3 } }))
  await until(() => there.world.running.size === 3)
  await skep.close()
})

it('a function goes on as it is while the place does not tell what it uses', async () => {
  const there = place()
  const warnings: string[] = []
  there.provider.usage = () =>
    Promise.reject(new SkepError('provider_unavailable', 'The engine is away.', { hint: undefined }))
  const log = { info() {}, error() {}, warn: (event: string) => void warnings.push(event) }
  const skep = new Skep({ ...partsOf(there), log })
  await skep.start()
  await skep.deploy(FunctionSpec.parse({ name: 'hello', image: 'x', scale: { type: 'cpu' } }))
  await until(() => warnings.includes('what functions grow by is not known'))
  expect(skep.get('hello').pool.desired).toBe(1)
  await skep.close()
})
