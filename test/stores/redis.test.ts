import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stores } from '../../gateway/stores/index.ts'
import { describeStore } from '../contract/store.ts'
import { needs } from '../helpers/needs.ts'
import { startRedis } from '../helpers/redis.ts'
import type { RedisServer } from '../helpers/redis.ts'

describe('store in Redis', needs('redis'), () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always')
  })
  afterAll(() => server.stop())

  const wipe = async () => {
    const redis = new Redis(server.url)
    await redis.flushall()
    redis.disconnect()
  }

  describeStore('redis', () => stores.redis(server.url), wipe)

  it('says within two seconds that Redis is down, and goes on by itself when it is back', async () => {
    const store = await stores.redis(server.url)
    await store.put('a', '1')
    await server.kill()
    const asked = performance.now()
    await expect(store.get('a')).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(performance.now() - asked).toBeLessThan(2000)
    await server.start()
    expect((await store.get('a'))?.value).toBe('1')
    await store.close()
  })
})
