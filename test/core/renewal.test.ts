import { beforeEach, describe, expect, it } from 'vitest'
import type { Pool } from '../../gateway/core/pool.ts'
import { Skep } from '../../gateway/core/skep.ts'
import { until } from '../helpers/until.ts'
import { partsOf, place, poolOf, revisionOf, type Place } from './place.ts'

let there: Place
beforeEach(() => {
  there = place()
})

const running = (): string[] => [...there.world.running.keys()]

async function poolWith(replicas: number, scale: object = {}): Promise<Pool> {
  const { pool } = poolOf(there, { scale })
  await pool.start(replicas)
  return pool
}

describe('renewing the replicas of a pool', () => {
  it('puts fresh ones in their place, and always has as many ready as before', async () => {
    const pool = await poolWith(2)
    let fewest = Infinity
    there.provider.watch(() => (fewest = Math.min(fewest, pool.available)))
    await pool.renew()
    await until(() => running().length === 2)
    expect(running()).toEqual(['r3', 'r4'])
    expect([fewest, pool.desired]).toEqual([2, 2])
  })

  it('ends one only after its last request, and never takes it back', async () => {
    const pool = await poolWith(1)
    const lease = pool.tryLease()
    await pool.renew()
    expect(pool.tryLease()?.replica.id).toBe('r2')
    pool.hold(3)
    await until(() => pool.available === 3)
    expect(running()).toEqual(['r1', 'r2', 'r3', 'r4'])
    lease?.release()
    await until(() => !running().includes('r1'))
  })

  it('may stand above its largest number for the moment', async () => {
    const pool = await poolWith(1, { max: 1 })
    await pool.renew()
    await until(() => running().length === 1)
    expect(running()).toEqual(['r2'])
  })

  it('goes on with the old ones when no fresh one starts', async () => {
    const pool = await poolWith(2)
    there.world.beforeStart = () => Promise.reject(new Error('no room'))
    await expect(pool.renew()).rejects.toMatchObject({ code: 'internal' })
    expect(running()).toEqual(['r1', 'r2'])
    expect(pool.available).toBe(2)
  })

  it('starts nothing where nothing runs, and ends what sleeps', async () => {
    const pool = await poolWith(1, { idle: 'pause' })
    pool.setActive(false)
    await until(() => there.world.calls.includes('pause r1'))
    await pool.renew()
    await until(() => running().length === 0)
    expect(there.world.calls.filter((call) => call.startsWith('scale'))).toHaveLength(1)
  })
})

it('is what a function gets when a secret that it names is changed, and no other does', async () => {
  const skep = new Skep(partsOf(there))
  await skep.start()
  const [token, other] = ['token', 'other'].map((name) => ({ name, namespace: 'openfaas-fn' })) as [never, never]
  for (const secret of [token, other]) await skep.secrets.create(secret, Buffer.from('v1'))
  await skep.deploy(revisionOf('user', 1, { secrets: ['token'] }).spec)
  await skep.deploy(revisionOf('stranger', 1, { secrets: ['other'] }).spec)
  expect(running()).toEqual(['r1', 'r2'])
  await skep.secrets.update(token, Buffer.from('v2'))
  await until(() => !running().includes('r1'))
  expect([...there.world.running.values()].map(({ revision }) => revision)).toEqual(['stranger-1', 'user-1'])
  await skep.close()
})
