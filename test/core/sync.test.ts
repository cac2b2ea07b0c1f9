import { expect, it } from 'vitest'
import { SkepError } from '../../gateway/core/errors.ts'
import type { Store } from '../../gateway/core/ports.ts'
import { until } from '../helpers/until.ts'
import { spec, useGateways } from './gateway.ts'
import { memoryStore, place, revisionOf } from './place.ts'

const open = useGateways()

it('does not bring back a function whose removal ends while the gateway looks', async () => {
  const there = place()
  const store = memoryStore()
  await store.put('function/hello', JSON.stringify({ revisions: [], shares: [] }))
  there.world.prepared.set('hello-1', revisionOf('hello'))
  const list: Store['list'] = async (prefix) => {
    const listed = await store.list(prefix)
    await store.delete('function/hello')
    return listed
  }
  const skep = await open(there, { ...store, list })
  expect(skep.find('hello')).toBeUndefined()
  await until(() => !there.world.prepared.has('hello-1'))
})

it('serves and ends nothing when the store goes away while the gateway looks, and asks it again', async () => {
  const there = place()
  const store = memoryStore()
  const before = await open(there, store)
  await before.deploy(spec({ image: 'a' }))
  await before.deploy(spec({ image: 'b' }))
  await before.rollback('hello')
  await before.close()
  const calls = there.world.calls.length
  let asked = 0
  const get: Store['get'] = async (key) => {
    if (++asked === 1) throw new SkepError('store_unavailable', 'Redis is away.')
    return store.get(key)
  }
  const skep = await open(there, { ...store, get })
  expect(skep.find('hello')).toBeDefined()
  await until(() => skep.get('hello').pool.revision.spec.image === 'a')
  expect(there.world.calls.slice(calls).filter((call) => call.startsWith('remove'))).toEqual([])
})

it('does not write down as lost what was removed since it looked', async () => {
  const there = place()
  const store = memoryStore()
  there.world.prepared.set('hello-1', revisionOf('hello'))
  let asked = 0
  const get: Store['get'] = async (key) => {
    const found = await store.get(key)
    if (++asked === 1) await store.put(key, JSON.stringify({ revisions: [], shares: [] }))
    return found
  }
  await open(there, { ...store, get })
  await until(() => asked === 2)
  expect((await store.get('function/hello'))?.version).toBe(1)
})
