import { afterEach, describe, expect, it } from 'vitest'
import { SkepError } from '../../gateway/core/errors.ts'
import { Functions } from '../../gateway/core/functions.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'
import { until } from '../helpers/until.ts'
import { memoryStore, partsOf, place, revisionOf, type Place } from './place.ts'

const spec = (fields: object = {}): FunctionSpec => FunctionSpec.parse({ name: 'hello', image: 'x', ...fields })

const opened: Functions[] = []
afterEach(() => opened.splice(0).forEach((functions) => functions.close()))

async function open(there: Place, store = memoryStore()): Promise<Functions> {
  const functions = new Functions(partsOf(there, store))
  opened.push(functions)
  await functions.restore()
  return functions
}

describe('deploy', () => {
  it('makes the function callable by both of its names', async () => {
    const functions = await open(place())
    await functions.deploy(spec())
    expect(functions.find('hello')).toBe(functions.find('hello.openfaas-fn'))
    expect(functions.find('hello')?.pool.available).toBe(1)
  })

  it('gives the traffic to the new revision and lets the old one finish', async () => {
    const there = place()
    const functions = await open(there)
    await functions.deploy(spec())
    const old = functions.find('hello')?.pool.tryLease()
    await functions.deploy(spec({ image: 'y' }))
    expect(functions.find('hello')?.pool.revision.number).toBe(2)
    expect(there.world.running.has('r1')).toBe(true)
    old?.release()
    await until(() => !there.world.prepared.has('hello-1'))
    expect([...there.world.running.keys()]).toEqual(['r2'])
  })

  it.each(['prepare', 'start'])('leaves everything as it was when the new revision fails to %s', async (step) => {
    const there = place()
    const functions = await open(there)
    await functions.deploy(spec())
    const fail = async (): Promise<never> => Promise.reject(new SkepError('start_failed', 'broken'))
    if (step === 'prepare') there.world.prepare = fail
    else there.world.beforeStart = fail
    await expect(functions.deploy(spec({ image: 'y' }))).rejects.toThrow('broken')
    expect(functions.find('hello')?.pool.revision.number).toBe(1)
    expect([...there.world.prepared.keys()]).toEqual(['hello-1'])
    expect(there.world.running.size).toBe(1)
  })

  it('does one change of a function at a time', async () => {
    const functions = await open(place())
    await Promise.all([functions.deploy(spec()), functions.deploy(spec()), functions.deploy(spec())])
    expect(functions.find('hello')?.pool.revision.number).toBe(3)
  })
})

describe('remove', () => {
  it('ends the function at once and its replicas when their requests have ended', async () => {
    const there = place()
    const functions = await open(there)
    await functions.deploy(spec())
    const lease = functions.find('hello')?.pool.tryLease()
    await functions.remove('hello')
    expect(functions.find('hello')).toBeUndefined()
    expect(there.world.running.size).toBe(1)
    lease?.release()
    await until(() => there.world.running.size === 0)
    expect(there.world.prepared.size).toBe(0)
  })
})

describe('a new start', () => {
  it('adopts what runs', async () => {
    const there = place()
    const store = memoryStore()
    ;(await open(there, store)).close()
    const before = await open(there, store)
    await before.deploy(spec())
    before.close()
    const functions = await open(there, store)
    await until(() => functions.find('hello')?.pool.available === 1)
    expect(there.world.calls).toEqual(['scale hello-1 1'])
  })

  it('finds every function in the labels when the store was wiped', async () => {
    const there = place()
    const before = await open(there)
    await before.deploy(spec())
    await before.deploy(spec({ image: 'y' }))
    before.close()
    const functions = await open(there, memoryStore())
    expect(functions.find('hello')?.pool.revision.spec.image).toBe('y')
  })

  it('removes a revision that never got the traffic', async () => {
    const there = place()
    const store = memoryStore()
    const before = await open(there, store)
    await before.deploy(spec())
    before.close()
    there.world.prepared.set('hello-2', revisionOf('hello', 2))
    const functions = await open(there, store)
    expect(functions.find('hello')?.pool.revision.number).toBe(1)
    await until(() => !there.world.prepared.has('hello-2'))
  })

  it('does not bring back a function whose removal was cut off', async () => {
    const there = place()
    const store = memoryStore()
    const before = await open(there, store)
    await before.deploy(spec())
    before.find('hello')?.pool.tryLease()
    await before.remove('hello')
    before.close()
    const functions = await open(there, store)
    expect(functions.find('hello')).toBeUndefined()
    await until(() => there.world.running.size === 0)
  })
})
