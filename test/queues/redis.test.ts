import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { queues } from '../../gateway/queues/index.ts'
import { describeQueue } from '../contract/queue.ts'
import { aCall, anAnswer } from '../contract/queue-site.ts'
import { startRedis } from '../helpers/redis.ts'
import type { RedisServer } from '../helpers/redis.ts'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always')
})
afterAll(() => server.stop())

async function withClient<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(server.url)
  try {
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}
const wipe = async () => void (await withClient((redis) => redis.flushall()))

describeQueue('redis', {
  open: (options) => queues.redis(server.url, options),
  source: () => `(await import('./gateway/queues/index.ts')).queues.redis(${JSON.stringify(server.url)})`,
  wipe,
})

describe('queue: redis, when Redis', () => {
  const take = { max: 1, limits: new Map(), signal: new AbortController().signal }

  it('is down, says so within two seconds, and goes on by itself when it is back', async () => {
    await wipe()
    const queue = await queues.redis(server.url)
    await queue.push(aCall())
    await server.kill()
    const asked = performance.now()
    await expect(queue.push(aCall())).rejects.toMatchObject({ code: 'queue_unavailable' })
    expect(performance.now() - asked).toBeLessThan(2000)
    await server.start()
    await queue.push(aCall())
    expect((await queue.depth()).get('hello')?.waiting).toBe(2)
    await queue.close()
  })

  it('hangs, says so within two seconds', async () => {
    const queue = await queues.redis(server.url)
    await queue.push(aCall())
    server.pause()
    const asked = performance.now()
    await expect(queue.push(aCall())).rejects.toMatchObject({ code: 'queue_unavailable' })
    expect(performance.now() - asked).toBeLessThan(2000)
    server.resume()
    await queue.close()
  })

  it('is killed and comes back, has every call whose push resolved', async () => {
    await wipe()
    const queue = await queues.redis(server.url)
    const promised: string[] = []
    const push = async () => {
      for (;;) promised.push(await queue.push(aCall({ body: Buffer.alloc(1024) })))
    }
    const pushing = Promise.allSettled(Array.from({ length: 50 }, push))
    while (promised.length < 1000) await new Promise(setImmediate)
    await server.kill()
    await pushing
    await server.start()
    const kept = new Set((await queue.list({}, 1_000_000)).map(({ id }) => id))
    expect(promised.filter((id) => !kept.has(id))).toEqual([])
    await queue.close()
  })

  it('was away for longer than a lease, lets the gateways that live keep what they run', async () => {
    await wipe()
    const [runs, sweeps] = [await queues.redis(server.url), await queues.redis(server.url)]
    const id = await runs.push(aCall())
    const [lease] = await runs.take(take)
    await server.kill()
    // As if it had been away for an hour: the lease is long over when Redis is back.
    await server.start()
    await withClient(async (redis) => {
      await redis.zadd('{skep}:queue:leases', 1, id)
      await redis.set('{skep}:queue:swept', 1)
    })
    const started = Date.now()
    while (Date.now() - started < 5000) await sweeps.show(id, 1000)
    expect(await sweeps.show(id)).toMatchObject({ state: 'running', attempt: 1 })
    await lease?.settle({ state: 'done', answer: anAnswer, keepMs: 1000 })
    expect((await sweeps.show(id))?.state).toBe('done')
    await Promise.all([runs.close(), sweeps.close()])
  })

  it('keeps no file, or may throw data away, warns of it', async () => {
    const careless = await startRedis('--appendonly', 'no', '--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru')
    const queue = await queues.redis(careless.url)
    const warnings = (await queue.warnings()).join('\n')
    expect(warnings).toContain('appendonly yes')
    expect(warnings).toContain('noeviction')
    await queue.close()
    await careless.stop()
  })

  it('is safe, warns of nothing', async () => {
    const queue = await queues.redis(server.url)
    expect(await queue.warnings()).toEqual([])
    await queue.close()
  })

  it('has lost all its memory of scripts, gets them again', async () => {
    const queue = await queues.redis(server.url)
    await withClient((redis) => redis.script('FLUSH'))
    const id = await queue.push(aCall())
    expect((await queue.show(id))?.state).toBe('waiting')
    await queue.close()
  })

  it('holds calls that are gone, holds nothing of them', async () => {
    await wipe()
    const queue = await queues.redis(server.url)
    for (let n = 0; n < 3; n++) await queue.push(aCall(), { delayMs: n })
    for (const state of ['done', 'dead', 'waiting'] as const) {
      const [lease] = await queue.take(take)
      if (state === 'waiting') await lease?.settle({ state, delayMs: 0, failed: true, reason: 'again' })
      else await lease?.settle({ state, reason: 'ended', answer: anAnswer, keepMs: 60_000 })
    }
    await queue.change({}, { action: 'cancel' })
    await queue.change({}, { action: 'purge' })
    expect(await queue.depth()).toEqual(new Map())
    await queue.close()
    const kept = await withClient(async (redis) => (await redis.keys('*')).sort())
    expect(kept.filter((key) => !/:(counter|bytes|swept|grace|wake)$/.test(key))).toEqual([])
    expect(await withClient((redis) => redis.get('{skep}:queue:bytes'))).toBe('0')
  })
})
