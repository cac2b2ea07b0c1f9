import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'

export type Argument = string | number | Uint8Array

/** Runs in Redis in one step; text in its answer arrives as bytes. */
export type Script = (redis: Redis, keys: readonly string[], args: readonly Argument[]) => Promise<unknown>

/** A Lua script that is sent once and then called by its hash. */
export function script(lua: string): Script {
  const sha = createHash('sha1').update(lua).digest('hex')
  return async (redis, keys, args) => {
    const rest = [...keys, ...args.map((arg) => (arg instanceof Uint8Array ? asBuffer(arg) : arg))]
    try {
      return await redis.callBuffer('EVALSHA', sha, keys.length, ...rest)
    } catch (error) {
      // Redis forgets its scripts when it restarts. Nothing has run then.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return await redis.callBuffer('EVAL', lua, keys.length, ...rest)
    }
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
