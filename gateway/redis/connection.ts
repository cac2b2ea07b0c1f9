import { once } from 'node:events'
import { Redis } from 'ioredis'
import { messageOf, SkepError } from '../core/errors.ts'

/** Together below the two seconds within which Skep says that Redis is down. */
const waitMs = 800
const commandMs = 1000

/** One connection to Redis that fails fast: what Redis does not answer in time rejects with `unavailable`. */
export interface Connection {
  /** Runs commands once the connection stands. */
  use<T>(commands: (redis: Redis) => Promise<T>): Promise<T>
  close(): void
}

export interface ConnectionOptions {
  /** The code that every failure gets. */
  readonly unavailable: 'store_unavailable' | 'queue_unavailable'
  /** Longest answer that is waited for; more than the blocking time on a connection that blocks. */
  readonly commandMs?: number
}

export function connect(url: string, options: ConnectionOptions): Connection {
  const redis = new Redis(url, {
    connectTimeout: 2000,
    commandTimeout: options.commandMs ?? commandMs,
    // A command that was under way when the connection broke may have run: whoever sent it decides, never the client.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // A command that waits here could still run after its sender was told that it failed.
    enableOfflineQueue: false,
    retryStrategy: (attempt) => Math.min(20 * 2 ** attempt, 500),
  })
  // Every command reports its own failure; without a listener ioredis prints each attempt to reconnect.
  redis.on('error', () => undefined)
  return {
    async use(commands) {
      try {
        if (redis.status !== 'ready') await once(redis, 'ready', { signal: AbortSignal.timeout(waitMs) })
        return await commands(redis)
      } catch (error) {
        throw error instanceof SkepError ? error : unavailable(options.unavailable, error)
      }
    },
    close: () => redis.disconnect(),
  }
}

function unavailable(code: ConnectionOptions['unavailable'], cause: unknown): SkepError {
  return new SkepError(code, `Redis did not do what it was asked: ${messageOf(cause)}.`, {
    cause,
    hint: 'Look whether Redis runs and has memory left, and whether the gateway may reach it.',
    retryAfterSeconds: 1,
  })
}
