import type { Document, Store } from '../core/store.ts'
import { connect } from '../redis/connection.ts'
import { script } from '../redis/script.ts'
import { versionConflict } from './conflict.ts'

/** Hash: key → `version:value`. */
const documents = '{skep}:store:documents'
/** Sorted set of the keys, because a hash has no order. */
const names = '{skep}:store:names'
/** The last version that was given out, so that none is given out twice. */
const versions = '{skep}:store:versions'

const put = script(`
  -- Writes a document if its version is still the expected one.
  -- KEYS: documents, names, versions. ARGV: key, value, expected version ('' for any, '0' for none).
  -- Returns the new version, or false.
  local current = redis.call('HGET', KEYS[1], ARGV[1])
  local version = current and string.match(current, '^%d+') or '0'
  if ARGV[3] ~= '' and ARGV[3] ~= version then return false end
  local new = redis.call('INCR', KEYS[3])
  redis.call('HSET', KEYS[1], ARGV[1], new .. ':' .. ARGV[2])
  redis.call('ZADD', KEYS[2], 0, ARGV[1])
  return new`)

const remove = script(`
  -- Removes a document and its name in one step, so that none can be written between the two.
  -- KEYS: documents, names. ARGV: key. Returns nothing.
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])`)

/** Documents in Redis, shared by all gateways; as durable as its append-only file. */
export function redisStore(url: string): Store {
  const connection = connect(url, { unavailable: 'store_unavailable' })
  return {
    get: async (key) => document(key, await connection.use((redis) => redis.hget(documents, key))),
    put: async (key, value, version) => {
      const answer = await connection.use((redis) =>
        put(redis, [documents, names, versions], [key, value, version ?? '']),
      )
      if (typeof answer !== 'number') throw versionConflict(key)
      return answer
    },
    delete: async (key) => {
      await connection.use((redis) => remove(redis, [documents, names], [key]))
    },
    list: (prefix) =>
      connection.use(async (redis) => {
        const keys = await redis.zrangebylex(names, `[${prefix}`, Buffer.concat([Buffer.from(`(${prefix}`), lastByte]))
        if (keys.length === 0) return []
        const values = await redis.hmget(documents, ...keys)
        return keys.flatMap((key, index) => document(key, values[index] ?? null) ?? [])
      }),
    close: async () => connection.close(),
  }
}

/** Comes after every byte of a key in UTF-8. */
const lastByte = Buffer.of(0xff)

function document(key: string, stored: string | null): Document | undefined {
  if (stored === null) return undefined
  const colon = stored.indexOf(':')
  return { key, value: stored.slice(colon + 1), version: Number(stored.slice(0, colon)) }
}
