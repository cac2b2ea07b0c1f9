import { Redis } from 'ioredis'
import { messageOf, SkepError } from '../core/errors.ts'

/** Together below the two seconds within which Skep says that Redis is down. */
const waitMs = 800
const silenceMs = 1100

/** One connection to Redis that fails fast: what Redis does not answer in time rejects with `unavailable`. */
export interface Connection {
  /** Runs commands once the connection stands. */
  use<T>(commands: (redis: Redis) => Promise<T>): Promise<T>
  /** Hears what is published on the channels that `use` subscribes to. */
  listen(listener: (channel: string, message: string) => void): void
  close(): void
}

export interface ConnectionOptions {
  /** The code that every failure gets. */
  readonly unavailable: 'store_unavailable' | 'queue_unavailable'
  /** How long Redis may be silent while something is asked. A connection that blocks needs more than it blocks. */
  readonly silenceMs?: number
}

export function connect(url: string, options: ConnectionOptions): Connection {
  const redis = new Redis(url, {
    connectTimeout: 2000,
    // Not a limit for each command: ten thousand sent at once may take longer than a Redis that is gone is waited for.
    socketTimeout: options.silenceMs ?? silenceMs,
    // A command that was under way when the connection broke may have run: whoever sent it decides, never the client.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // A command that waits here could still run after its sender was told that it failed.
    enableOfflineQueue: false,
    retryStrategy: (attempt) => Math.min(20 * 2 ** attempt, 500),
  })
  // Every command reports its own failure; without a listener ioredis prints each attempt to reconnect.
  redis.on('error', () => undefined)
  let ready: Promise<void> | undefined
  return {
    async use(commands) {
      try {
        if (redis.status !== 'ready') await (ready ??= becomesReady(redis).finally(() => (ready = undefined)))
        return await commands(redis)
      } catch (error) {
        throw error instanceof SkepError ? error : unavailable(options.unavailable, error)
      }
    },
    listen: (listener) => void redis.on('message', listener),
    close: () => redis.disconnect(),
  }
}

/** Rides out a restart of Redis; all who wait share it. */
function becomesReady(redis: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      redis.off('ready', stands)
      reject(new Error('it cannot be reached'))
    }, waitMs)
    const stands = (): void => {
      clearTimeout(timer)
      resolve()
    }
    redis.once('ready', stands)
  })
}

function unavailable(code: ConnectionOptions['unavailable'], cause: unknown): SkepError {
  return new SkepError(code, `Redis did not do what it was asked: ${messageOf(cause)}.`, {
    cause,
    hint: 'Look whether Redis runs and has memory left, and whether the gateway may reach it.',
    retryAfterSeconds: 1,
  })
}
