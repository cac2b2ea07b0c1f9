import { describe, expect, it } from 'vitest'
import { SkepError } from '../../gateway/core/errors.ts'
import { until } from '../helpers/until.ts'
import { codeOf, leaseOf } from './callers.ts'
import { place, poolOf, type Place } from './place.ts'

describe('a pool whose replicas are silent', () => {
  /** Two that were ready and answer nobody now, as the first call has found out. */
  async function silentPool(there: Place, scale: object = {}) {
    const { pool } = poolOf(there, { scale })
    await pool.start(2)
    const silent = new Set([1, 2])
    there.world.probe = (port) =>
      silent.has(port)
        ? Promise.reject(new SkepError('start_timeout', 'silent', { hint: undefined }))
        : Promise.resolve()
    for (const member of pool.ready) pool.doubt(member)
    return { pool, silent }
  }

  it('uses them when they answer again, and lets callers wait meanwhile, while none can be started', async () => {
    const there = place()
    there.world.beforeStart = async () => {
      if (there.world.running.size > 1)
        throw new SkepError('start_failed', 'no majority of managers', { hint: undefined })
    }
    const { pool, silent } = await silentPool(there)
    const callers = [leaseOf(pool), leaseOf(pool)]
    await until(() => pool.restarts.count > 1)
    silent.clear()
    await Promise.all(callers)
    await until(() => pool.available === 2)
    expect([...there.world.running.keys()]).toEqual(['r1', 'r2'])
  })

  it('ends them when others have come for them', async () => {
    const there = place()
    const { pool } = await silentPool(there)
    const leases = [await leaseOf(pool), await leaseOf(pool)]
    expect(leases.map(({ address }) => address.port > 2)).toEqual([true, true])
    await until(() => there.world.running.size === 2)
    expect([...there.world.running.keys()]).toEqual(['r3', 'r4'])
  })

  it('says what is wrong to callers when they had as long as new ones have', async () => {
    const there = place()
    const { pool } = await silentPool(there, { 'start-timeout': '100ms' })
    there.world.beforeStart = () => Promise.reject(new SkepError('provider_unavailable', 'away', { hint: undefined }))
    await until(() => pool.restarts.count > 0)
    expect(await codeOf(leaseOf(pool))).toBe('provider_unavailable')
  })

  it('ends them when the function is idle', async () => {
    const there = place()
    const { pool } = await silentPool(there)
    there.world.beforeStart = () =>
      Promise.reject(new SkepError('start_failed', 'no majority of managers', { hint: undefined }))
    await until(() => pool.restarts.count > 0)
    pool.hold(0)
    await until(() => there.world.running.size === 0)
  })
})
