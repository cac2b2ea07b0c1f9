import type { Redis } from 'ioredis'

/** What an operator should know of how safe calls are in this Redis. */
export async function redisWarnings(redis: Redis): Promise<string[]> {
  const info = `${await redis.info('persistence')}\n${await redis.info('memory')}`
  const warnings = []
  if (!info.includes('aof_enabled:1')) {
    warnings.push(
      'Redis keeps no append-only file: calls that were accepted are lost when it ends. Set appendonly yes.',
    )
  } else if ((await fsyncOf(redis)) !== 'always') {
    warnings.push(
      'Redis writes to the disk once a second: calls of the last seconds are lost when the machine or redis-server is killed. Set appendfsync always.',
    )
  }
  if (!info.includes('maxmemory_policy:noeviction')) {
    warnings.push('Redis throws away data when its memory is full, waiting calls too. Set maxmemory-policy noeviction.')
  }
  return warnings
}

async function fsyncOf(redis: Redis): Promise<string | undefined> {
  try {
    const [, value] = (await redis.config('GET', 'appendfsync')) as string[]
    return value
  } catch {
    return undefined // a hosted Redis keeps its settings to itself; what it does not say is not vouched for
  }
}
