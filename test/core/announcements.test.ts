import { expect, it } from 'vitest'
import { Announcements } from '../../gateway/core/announcements.ts'
import { SkepError } from '../../gateway/core/errors.ts'
import type { Store } from '../../gateway/core/store.ts'
import { until } from '../helpers/until.ts'
import { spec, useGateways } from './gateway.ts'
import { meeting } from './meeting.ts'
import { memoryStore, place, silentLog } from './place.ts'

const open = useGateways()

it('a deploy answers only when a follower serves it, however often that one could not read it', async () => {
  const there = place()
  const store = memoryStore()
  const { peers, met } = meeting()
  const leader = await open(there, store, { peers: peers('leader') })
  let broken = 0
  const get: Store['get'] = async (key) => {
    if (key === 'function/hello' && broken++ < 3)
      throw new SkepError('store_unavailable', 'Redis is away.', { hint: undefined })
    return store.get(key)
  }
  const follower = await open(there, { ...store, get }, { peers: peers('follower') })
  await met('follower')
  await leader.deploy(spec())
  expect(follower.find('hello')).toBeDefined()
  expect(broken).toBeGreaterThan(3)
})

it('a deploy does not wait for a gateway that is gone', async () => {
  const there = place()
  const store = memoryStore()
  const { peers, met } = meeting(1000)
  const leader = await open(there, store, { peers: peers('leader') })
  const gone = await open(there, store, { peers: peers('gone') })
  await met('gone')
  await gone.close()
  await leader.deploy(spec())
  expect(leader.find('hello')).toBeDefined()
})

it('a deploy does not wait for a gateway of an earlier Skep, which does not say when it goes by a change', async () => {
  const warned: string[] = []
  const log = { ...silentLog, warn: (event: string) => void warned.push(event) }
  const { peers, said, met } = meeting(60_000)
  const leader = await open(place(), memoryStore(), { peers: peers('leader'), log })
  const earlier = peers('earlier')
  await earlier.join({ role() {}, heard() {} })
  const report = { kind: 'report', leads: false, loads: {}, tallies: {}, shut: {}, free: [], floors: {} }
  earlier.tell(JSON.stringify(report))
  await met('earlier')
  await leader.deploy(spec())
  expect(warned).toEqual([])
  await until(() => said.some(({ message }) => message.includes('"changed"'))) // it is told all the same
})

it('a new function is served by the one that leads as soon as another gateway can have it', async () => {
  const there = place()
  const store = memoryStore()
  const { peers, met } = meeting()
  const leader = await open(there, store, { peers: peers('leader') })
  const servedWhenRead: boolean[] = []
  const get: Store['get'] = async (key) => {
    servedWhenRead.push(leader.find('hello') !== undefined)
    return store.get(key)
  }
  await open(there, { ...store, get }, { peers: peers('follower') })
  await met('follower')
  await leader.deploy(spec())
  expect(new Set(servedWhenRead)).toEqual(new Set([true]))
})

/** A leader with one follower that is there and does nothing. */
function announcements() {
  const told: string[] = []
  const warned: unknown[] = []
  const log = { ...silentLog, warn: (event: string, fields?: object) => void warned.push({ event, ...fields }) }
  const here = { others: ['follower'] }
  const tell = ({ kind }: { kind: string }): void => void told.push(kind)
  const all = new Announcements({ tell, confirming: () => here.others }, log)
  return { all, here, told, warned }
}

it('a change is told again until it is applied', async () => {
  const { all, here, told, warned } = announcements()
  const changed = all.changed('hello')
  const now = performance.now()
  all.check(now)
  all.check(now + 5000)
  expect(told).toEqual(['changed', 'changed', 'changed'])
  here.others = []
  all.check(now + 6000)
  await changed
  expect(warned).toEqual([])
})

it('a gateway that is there and never applies a change holds nobody up for ever, and is named', async () => {
  const { all, warned } = announcements()
  let ended = false
  void all.changed('hello').then(() => (ended = true))
  all.check(performance.now() + 9000)
  await new Promise(setImmediate)
  expect(ended).toBe(false)
  all.check(performance.now() + 11_000)
  await until(() => ended)
  expect(warned).toMatchObject([{ function: 'hello', gateways: ['follower'] }])
})
