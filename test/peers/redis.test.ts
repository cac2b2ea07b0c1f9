import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { peers } from '../../gateway/peers/index.ts'
import { describePeers, useMembers } from '../contract/peers.ts'
import { needs } from '../helpers/needs.ts'
import { startRedis, type RedisServer } from '../helpers/redis.ts'
import { until } from '../helpers/until.ts'

describe('peers over Redis', needs('redis'), () => {
  let server: RedisServer
  let redis: Redis
  beforeAll(async () => {
    server = await startRedis()
    redis = new Redis(server.url)
    redis.on('error', () => undefined)
  })
  beforeEach(() => redis.flushall())
  afterAll(() => {
    redis.disconnect()
    return server.stop()
  })

  describePeers('redis', () => peers.redis(server.url))
  const two = useMembers(() => peers.redis(server.url))

  it('never have two leaders, whatever Redis forgets', async () => {
    const [first, second] = await two()
    let both = 0
    const look = setInterval(() => {
      if (first.roles.at(-1) === 'leads' && second.roles.at(-1) === 'leads') both++
    }, 1)
    for (let round = 0; round < 5; round++) {
      await redis.flushall()
      await until(() => redis.exists('{skep}:peers:lead'))
      await until(() => [first, second].some(({ roles }) => roles.at(-1) === 'leads'))
    }
    clearInterval(look)
    expect(both).toBe(0)
  })

  it('let nobody lead while Redis is away, and have one leader when it is back', async () => {
    const members = await two()
    await server.kill()
    await until(() => members.every(({ roles }) => roles.at(-1) === 'alone'))
    await server.start()
    await until(() => members.some(({ roles }) => roles.at(-1) === 'leads'))
    await until(() => members.some(({ roles }) => roles.at(-1) === 'follows'))
  })

  it('let one take part that starts while Redis is away', async () => {
    await server.kill()
    const [first, second] = await two()
    expect([first.roles, second.roles]).toEqual([['alone'], ['alone']])
    await server.start()
    await until(() => [first, second].every(({ roles }) => roles.at(-1) !== 'alone'))
    first.peers.tell('hello')
    await until(() => second.heard.length > 0)
  })
})
