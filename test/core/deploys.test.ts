import { describe, expect, it } from 'vitest'
import { SkepError } from '../../gateway/core/errors.ts'
import type { Store } from '../../gateway/core/store.ts'
import { Team } from '../../gateway/core/team.ts'
import { until } from '../helpers/until.ts'
import { rolledBack, spec, useGateways } from './gateway.ts'
import { memoryStore, partsOf, place, revisionOf } from './place.ts'

const open = useGateways()

describe('deploy', () => {
  it('makes the function callable by both of its names', async () => {
    const skep = await open(place())
    await skep.deploy(spec())
    expect(skep.find('hello')).toBe(skep.find('hello.openfaas-fn'))
    expect(skep.find('hello')?.pool.available).toBe(1)
  })

  it('gives the traffic to the new revision and lets the old one finish', async () => {
    const there = place()
    const skep = await open(there)
    await skep.deploy(spec())
    const old = skep.find('hello')?.pool.tryLease()
    await skep.deploy(spec({ image: 'y' }))
    expect(skep.find('hello')?.pool.revision.number).toBe(2)
    expect(there.world.running.has('r1')).toBe(true)
    old?.release()
    expect([...there.world.running.keys()]).toEqual(['r2'])
  })

  it.each(['deploy', 'remove'])(
    'cuts what the old revision has not ended in its drain-timeout after a %s',
    async (what) => {
      const there = place()
      const skep = await open(there)
      await skep.deploy(spec({ scale: { 'drain-timeout': '100ms' } }))
      skep.find('hello')?.pool.tryLease()
      if (what === 'deploy') await skep.deploy(spec())
      else await skep.remove('hello')
      expect(there.world.running.has('r1')).toBe(true)
      await until(() => !there.world.running.has('r1'))
    },
  )

  it('starts nothing before it is prepared, and keeps all that it started until it has the traffic', async () => {
    const there = place()
    const store = memoryStore()
    let look = (): void => {}
    const put: Store['put'] = (...document) => {
      look()
      return store.put(...document)
    }
    const team = new Team(partsOf(there, { ...store, put }))
    await team.start()
    look = () => team.functions.tick(performance.now())
    there.world.prepare = async () => look()
    await team.deploys.deploy(spec({ scale: { min: 2 } }))
    expect(there.world.calls).toEqual(['scale hello-1 1', 'scale hello-1 2'])
    team.functions.get('hello').pool.hold(4)
    await until(() => team.functions.get('hello').pool.available === 4)
    await team.deploys.deploy(spec({ image: 'y', scale: { min: 2 } }))
    expect(team.functions.get('hello').pool.available).toBe(4)
    await team.close()
  })

  it('never says to a caller who waits for the old revision that there is no such function', async () => {
    const skep = await open(place())
    await skep.deploy(spec({ scale: { max: 1, concurrency: 1, 'drain-timeout': '100ms' } }))
    const old = skep.get('hello').pool
    old.tryLease()
    const refused = new Promise((resolve) => old.wait({ served: resolve, refused: resolve }))
    for (const image of ['b', 'c', 'd']) await skep.deploy(spec({ image }))
    expect(await refused).toMatchObject({ code: 'queue_full', retryAfterSeconds: 1 })
  })

  it.each(['prepare', 'start'])('leaves everything as it was when the new revision fails to %s', async (step) => {
    const there = place()
    const skep = await open(there)
    await skep.deploy(spec())
    const fail = async (): Promise<never> =>
      Promise.reject(new SkepError('start_failed', 'broken', { hint: undefined }))
    if (step === 'prepare') there.world.prepare = fail
    else there.world.beforeStart = fail
    await expect(skep.deploy(spec({ image: 'y' }))).rejects.toThrow('broken')
    expect(skep.find('hello')?.pool.revision.number).toBe(1)
    await until(() => [...there.world.prepared.keys()].join() === 'hello-1')
    expect(there.world.running.size).toBe(1)
  })

  it('does nothing when spec and image are what serves already, whatever the order of the keys', async () => {
    const there = place()
    there.world.digestOf = (image) => `sha256:${image}`
    const skep = await open(there)
    const { revision } = await skep.deploy(spec({ environment: { a: '1', b: '2' } }), { message: 'why', by: 'ann' })
    const again = await skep.deploy(spec({ environment: { b: '2', a: '1' } }))
    expect(again).toEqual({ revision, unchanged: true })
    expect(revision).toMatchObject({ digest: 'sha256:x', message: 'why', by: 'ann' })
    expect(there.world.calls).toEqual(['scale hello-1 1'])
  })

  it.each<[string, object, { force?: boolean }]>([
    ['another spec', { timeout: '5s' }, {}],
    ['force', {}, { force: true }],
  ])('makes a new revision with %s', async (_, fields, options) => {
    const there = place()
    there.world.digestOf = (image) => `sha256:${image}`
    const skep = await open(there)
    await skep.deploy(spec())
    expect((await skep.deploy(spec(fields), options)).revision.number).toBe(2)
  })

  it('makes a new revision when the image’s tag has moved, or when another revision has a part of the traffic', async () => {
    const there = place()
    there.world.digestOf = () => 'sha256:1'
    const skep = await open(there)
    await skep.deploy(spec())
    there.world.digestOf = () => 'sha256:2'
    expect((await skep.deploy(spec())).revision.number).toBe(2)
    await skep.split('hello', [
      { revision: 1, weight: 40 },
      { revision: 2, weight: 60 },
    ])
    expect((await skep.deploy(spec())).revision.number).toBe(3)
  })

  it('lets the later of two deploys win, and tells the earlier one', async () => {
    const skep = await open(place())
    const earlier = skep.deploy(spec({ image: 'earlier' }))
    const later = skep.deploy(spec({ image: 'later' }))
    await expect(earlier).rejects.toMatchObject({ code: 'conflict' })
    await later
    expect(skep.find('hello')?.pool.revision.spec.image).toBe('later')
  })

  it('keeps two earlier revisions without a replica, and removes older ones', async () => {
    const there = place()
    const skep = await open(there)
    for (const image of ['a', 'b', 'c', 'd']) await skep.deploy(spec({ image, scale: { min: 1 } }))
    await until(() => there.world.prepared.size === 3)
    expect([...there.world.prepared.keys()]).toEqual(['hello-2', 'hello-3', 'hello-4'])
    expect([...there.world.running.values()].map(({ revision }) => revision)).toEqual(['hello-4'])
  })
})

describe('rollback', () => {
  it('gives the traffic back to the revision before, and forward again', async () => {
    const there = place()
    const skep = await open(there)
    await skep.deploy(spec({ image: 'a' }))
    await skep.deploy(spec({ image: 'b' }))
    expect((await skep.rollback('hello')).number).toBe(1)
    expect(skep.get('hello').pool.revision.spec.image).toBe('a')
    expect([...there.world.running.values()].map(({ revision }) => revision)).toEqual(['hello-1'])
    await skep.rollback('hello', 2)
    expect(skep.get('hello').pool.revision.spec.image).toBe('b')
  })

  it('does not move the traffic to a revision that does not start', async () => {
    const there = place()
    const skep = await open(there)
    await skep.deploy(spec({ image: 'a' }))
    await skep.deploy(spec({ image: 'b' }))
    there.world.beforeStart = async () => Promise.reject(new SkepError('start_failed', 'broken', { hint: undefined }))
    await expect(skep.rollback('hello')).rejects.toThrow('broken')
    expect(skep.get('hello').pool.revision.number).toBe(2)
  })

  it.each([[undefined], [7]])('to %s refuses when there is no such revision', async (to) => {
    const skep = await open(place())
    await skep.deploy(spec())
    await expect(skep.rollback('hello', to)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('survives the gateway', async () => {
    const there = place()
    const store = memoryStore()
    await rolledBack(await open(there, store))
    expect((await open(there, store)).get('hello').pool.revision.spec.image).toBe('a')
  })
})

describe('remove', () => {
  it('ends the function at once and its replicas when their requests have ended', async () => {
    const there = place()
    const skep = await open(there)
    await skep.deploy(spec())
    const lease = skep.find('hello')?.pool.tryLease()
    await skep.remove('hello')
    expect(skep.find('hello')).toBeUndefined()
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
    await (await open(there, store)).close()
    const before = await open(there, store)
    await before.deploy(spec())
    await before.close()
    const skep = await open(there, store)
    await until(() => skep.find('hello')?.pool.available === 1)
    expect(there.world.calls).toEqual(['scale hello-1 1'])
  })

  it('finds every function in the labels when the store was wiped', async () => {
    const there = place()
    const before = await open(there)
    await before.deploy(spec())
    await before.deploy(spec({ image: 'y' }))
    await before.close()
    const skep = await open(there, memoryStore())
    expect(skep.find('hello')?.pool.revision.spec.image).toBe('y')
  })

  it('removes a revision that never got the traffic', async () => {
    const there = place()
    const store = memoryStore()
    const before = await open(there, store)
    await before.deploy(spec())
    await before.close()
    there.world.prepared.set('hello-2', revisionOf('hello', 2))
    const skep = await open(there, store)
    expect(skep.find('hello')?.pool.revision.number).toBe(1)
    await until(() => !there.world.prepared.has('hello-2'))
  })

  it('does not bring back a function whose removal was cut off', async () => {
    const there = place()
    const store = memoryStore()
    const before = await open(there, store)
    await before.deploy(spec())
    before.find('hello')?.pool.tryLease()
    await before.remove('hello')
    await before.close()
    const skep = await open(there, store)
    expect(skep.find('hello')).toBeUndefined()
    await until(() => there.world.running.size === 0)
  })
})
