import { describe, expect, it } from 'vitest'
import { SkepError } from '../../gateway/core/errors.ts'
import { until } from '../helpers/until.ts'
import { codeOf, leaseOf } from './callers.ts'
import { place, poolOf } from './place.ts'

describe('a start of several replicas', () => {
  it('tries one first, then some at a time, each with a time of its own', async () => {
    const there = place()
    const { pool } = poolOf(there, { scale: { max: 20 } })
    await pool.start(10)
    expect(there.world.calls).toEqual(['scale hello-1 1', 'scale hello-1 5', 'scale hello-1 9', 'scale hello-1 10'])
    expect(pool.available).toBe(10)
  })
})

describe('a cold pool', () => {
  it('starts one replica for 500 callers and serves them all', async () => {
    const there = place()
    const { pool, coldStarts } = poolOf(there)
    const callers = Array.from({ length: 500 }, async () => (await leaseOf(pool)).release())
    await Promise.all(callers)
    expect(there.world.calls).toEqual(['scale hello-1 1'])
    expect(coldStarts).toHaveLength(1)
    expect(pool.inFlight).toBe(0)
  })

  it('refuses everyone who waits when the start fails, and starts again for the next caller', async () => {
    const there = place()
    const { pool } = poolOf(there)
    there.world.beforeStart = async () => {
      throw new SkepError('start_failed', 'no such image', { hint: undefined })
    }
    expect(await Promise.all([codeOf(leaseOf(pool)), codeOf(leaseOf(pool))])).toEqual(['start_failed', 'start_failed'])
    there.world.beforeStart = async () => {}
    expect(await codeOf(leaseOf(pool))).toBe('none')
  })

  it('refuses with the last words of a replica that dies before it is ready', async () => {
    const there = place()
    const { pool } = poolOf(there)
    there.world.probe = () => new Promise(() => {})
    const caller = leaseOf(pool).catch((error: unknown) => error)
    await until(() => there.world.running.size === 1)
    there.world.die('r1', 'It failed with exit code 1.\nno module "left-pad"')
    expect(await caller).toMatchObject({
      message: 'hello did not start. It failed with exit code 1.',
      detail: 'no module "left-pad"',
    })
  })

  it('refuses a caller who waited longer than the start may take', async () => {
    const there = place()
    const { pool } = poolOf(there, { scale: { 'start-timeout': '50ms' } })
    there.world.probe = () => new Promise(() => {})
    expect(await codeOf(leaseOf(pool))).toBe('start_timeout')
  })

  it('refuses the caller for whom there is no place in the line', async () => {
    const there = place()
    const { pool } = poolOf(there, { scale: { waiting: 2 } })
    there.world.probe = () => new Promise(() => {})
    const waiting = [codeOf(leaseOf(pool)), codeOf(leaseOf(pool))]
    expect(await codeOf(leaseOf(pool))).toBe('queue_full')
    pool.close(new SkepError('stopping', 'stop', { hint: undefined }))
    expect(await Promise.all(waiting)).toEqual(['stopping', 'stopping'])
  })

  it('refuses at once who comes when it has been given up', async () => {
    const { pool } = poolOf(place())
    pool.close(new SkepError('function_not_found', 'removed', { hint: undefined }))
    expect(await codeOf(leaseOf(pool))).toBe('function_not_found')
  })
})

describe('a warm pool', () => {
  it('gives the replica with the fewest requests in flight, and never more than its concurrency', async () => {
    const there = place()
    const { pool } = poolOf(there, { scale: { concurrency: 2, max: 2 } })
    pool.hold(2)
    await until(() => pool.available === 2)
    const ports = [pool.tryLease(), pool.tryLease(), pool.tryLease(), pool.tryLease()].map(
      (lease) => lease?.address.port,
    )
    expect(ports.toSorted((a = 0, b = 0) => a - b)).toEqual([1, 1, 2, 2])
    expect(pool.tryLease()).toBeUndefined()
  })

  it('replaces a replica that dies', async () => {
    const there = place()
    const { pool } = poolOf(there, { scale: { min: 1 } })
    pool.hold(1)
    await until(() => pool.available === 1)
    there.world.die('r1')
    await until(() => there.world.running.has('r2') && pool.available === 1)
  })

  it('lets a caller of a dead replica wait for the one that replaces it', async () => {
    const there = place()
    const { pool } = poolOf(there, { scale: { min: 1 } })
    pool.hold(1)
    await until(() => pool.available === 1)
    const member = pool.tryLease()
    there.world.probe = (port, signal) =>
      port > 1
        ? Promise.resolve()
        : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    member?.release()
    if (member) pool.doubt(member)
    const retry = leaseOf(pool)
    there.world.die('r1')
    expect((await retry).address.port).toBe(2)
  })

  it('sends nobody to a machine any more when one of its replicas takes no connection', async () => {
    const there = place()
    const { pool } = poolOf(there, { scale: { min: 3 } })
    const replica = { revision: 'hello-1', paused: false }
    for (const [port, node] of ['lost', 'lost', 'other'].entries()) {
      pool.adopt({ ...replica, id: `${port}`, address: { host: 'memory', port }, node })
    }
    await until(() => pool.available === 3)
    there.world.probe = () => new Promise(() => {})
    const first = pool.tryLease()
    expect(first?.replica.node).toBe('lost')
    if (first) pool.doubt(first)
    expect([pool.available, pool.tryLease()?.replica.node]).toEqual([1, 'other'])
  })

  it('goes to zero when nobody has called for long enough', async () => {
    const there = place()
    const { pool } = poolOf(there, {}, { idleMs: 1000 })
    ;(await leaseOf(pool)).release()
    pool.tick(performance.now() + 500)
    expect(pool.desired).toBe(1)
    pool.tick(performance.now() + 1500)
    await until(() => there.world.running.size === 0)
    expect(there.world.calls).toContain('retire r1')
  })

  it('does not let go of what a deploy waits for, however long it takes to get ready', async () => {
    const there = place()
    const { pool } = poolOf(there, {}, { idleMs: 1000 })
    let ready = (): void => {}
    there.world.probe = () => new Promise((resolve) => (ready = resolve))
    const started = pool.start(1)
    await until(() => there.world.running.size === 1)
    pool.tick(performance.now() + 5000)
    ready()
    await started
    expect(pool.available).toBe(1)
  })

  it('never goes below its minimum', async () => {
    const there = place()
    const { pool } = poolOf(there, { scale: { min: 2 } }, { idleMs: 1000 })
    pool.hold(3)
    await until(() => pool.available === 3)
    pool.tick(performance.now() + 60_000)
    expect(pool.desired).toBe(2)
    await until(() => there.world.running.size === 2)
  })

  it('does not end a replica that has a request in flight', async () => {
    const there = place()
    const { pool } = poolOf(there)
    const lease = await leaseOf(pool)
    pool.hold(0)
    expect(there.world.calls).not.toContain('retire r1')
    lease.release()
    expect(there.world.calls).toContain('retire r1')
  })

  it('does not let go of a replica for one that starts still', async () => {
    const there = place()
    const { pool } = poolOf(there)
    await pool.start(1)
    let ready = (): void => {}
    there.world.probe = () => new Promise((resolve) => (ready = resolve))
    pool.hold(2)
    await until(() => there.world.running.size === 2)
    pool.hold(1)
    expect(pool.tryLease()?.replica.id).toBe('r1')
    ready()
    await until(() => there.world.running.size === 1)
    expect([...there.world.running.keys()]).toEqual(['r1'])
  })

  it('takes a replica back that was about to leave', async () => {
    const there = place()
    const { pool } = poolOf(there)
    const lease = await leaseOf(pool)
    pool.hold(0)
    expect((await leaseOf(pool)).address).toEqual(lease.address)
    expect(there.world.calls).toEqual(['scale hello-1 1'])
  })

  it('goes on using a replica that could not be ended', async () => {
    const there = place()
    const { pool } = poolOf(there)
    there.provider.retire = async () =>
      Promise.reject(new SkepError('provider_unavailable', 'away', { hint: undefined }))
    ;(await leaseOf(pool)).release()
    pool.hold(0)
    await until(() => pool.available === 1)
    expect((await leaseOf(pool)).address.port).toBe(1)
  })

  it('starts more replicas under load, up to its maximum', async () => {
    const there = place()
    const { pool } = poolOf(there, { scale: { target: 10, max: 3 } })
    for (let i = 0; i < 90; i++) await leaseOf(pool)
    pool.tick(performance.now())
    expect(pool.desired).toBe(1) // what a cold start has dammed up is no load yet
    for (let i = 0; i < 20; i++) pool.tick(performance.now() + i * 500)
    await until(() => pool.available === 3)
    expect(pool.desired).toBe(3)
  })
})

describe('a pool that pauses', () => {
  it('keeps its last replica asleep and wakes it for the next caller', async () => {
    const there = place()
    const { pool } = poolOf(there, { scale: { idle: 'pause' } })
    ;(await leaseOf(pool)).release()
    pool.hold(0)
    expect(pool.available).toBe(1)
    expect((await leaseOf(pool)).address.port).toBe(1)
    expect(there.world.calls).toEqual(['scale hello-1 1', 'pause r1', 'resume r1'])
  })

  it('starts another one when the sleeper has died', async () => {
    const there = place()
    const { pool } = poolOf(there, { scale: { idle: 'pause' } })
    ;(await leaseOf(pool)).release()
    pool.hold(0)
    there.world.die('r1')
    expect((await leaseOf(pool)).address.port).toBe(2)
  })
})

it('forgets what is known of an address when another replica gets it', async () => {
  const there = place()
  const forgotten: number[] = []
  const carrier = { ...there.carrier, forget: ({ port }: { port: number }) => void forgotten.push(port) }
  const { pool } = poolOf({ ...there, carrier })
  await pool.start(1)
  expect(forgotten).toEqual([1])
})
