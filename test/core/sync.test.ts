import { expect, it } from 'vitest'
import { SkepError } from '../../gateway/core/errors.ts'
import type { Store } from '../../gateway/core/store.ts'
import { until } from '../helpers/until.ts'
import { rolledBack, spec, useGateways } from './gateway.ts'
import { meeting } from './meeting.ts'
import { memoryStore, place, revisionOf, silentLog } from './place.ts'

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
  await rolledBack(await open(there, store))
  const calls = there.world.calls.length
  let asked = 0
  const get: Store['get'] = async (key) => {
    if (++asked === 1) throw new SkepError('store_unavailable', 'Redis is away.', { hint: undefined })
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

const oneRevision = { revisions: [{ number: 1, createdAt: '2026-01-01T00:00:00Z', spec: spec() }] }

it.each([
  ['damaged', '{"revisions":'],
  ['of a newer Skep', JSON.stringify({ revisions: [{ ...oneRevision.revisions[0], spec: { ...spec(), warp: 9 } }] })],
  [
    'without the revision that its traffic goes to',
    JSON.stringify({ ...oneRevision, shares: [{ revision: 2, weight: 100 }] }),
  ],
])('a record that is %s stops no other function, and nothing of it is ended', async (_how, damaged) => {
  const there = place()
  const store = memoryStore()
  const logged: unknown[] = []
  const log = { ...silentLog, error: (event: string, fields?: object) => void logged.push({ event, ...fields }) }
  await store.put('function/bad', damaged)
  await store.put('function/hello', JSON.stringify({ ...oneRevision, shares: [{ revision: 1, weight: 100 }] }))
  for (const revision of [revisionOf('bad', 3), revisionOf('hello'), revisionOf('hello', 9)])
    there.world.prepared.set(revision.id, revision)
  const skep = await open(there, store, { log })
  expect(skep.list().map(({ key }) => key)).toEqual(['bad', 'hello'])
  expect(logged).toMatchObject([{ function: 'bad', code: 'record_unreadable' }])
  await until(() => !there.world.prepared.has('hello-9'))
  expect([...there.world.prepared.keys()]).toEqual(['bad-3', 'hello-1'])
  expect((await store.get('function/bad'))?.value).toBe(damaged)
})

it('a follower goes on with what it serves when the new record is one that it cannot read', async () => {
  const there = place()
  const store = memoryStore()
  const { peers, met } = meeting()
  const leader = await open(there, store, { peers: peers('leader') })
  await leader.deploy(spec())
  let isNewer = false
  const get: Store['get'] = async (key) => {
    const found = await store.get(key)
    return found && isNewer ? { ...found, value: '{}' } : found
  }
  const logged: unknown[] = []
  const log = { ...silentLog, error: (event: string, fields?: object) => void logged.push({ event, ...fields }) }
  const follower = await open(there, { ...store, get }, { peers: peers('follower'), log })
  await met('follower')
  isNewer = true
  void leader.split('hello', [{ revision: 1, weight: 100 }])
  await until(() => logged.length > 0)
  expect(follower.get('hello').pool.revision.number).toBe(1)
})
