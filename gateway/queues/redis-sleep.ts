import type { Connection } from '../redis/connection.ts'

/** A gateway looks by itself after this time, whether it was woken or not: another one may have got the token. */
const longestSleepMs = 1000

/** Sleeps until there may be something to take. The only blocking command, on a connection of its own. */
export class RedisSleep {
  readonly #connection: Connection
  readonly #list: string
  #sleep: Promise<unknown> | undefined

  constructor(connection: Connection, list: string) {
    this.#connection = connection
    this.#list = list
  }

  /** Resolves when woken, after `ms` or a second, or when `signal` aborts. Then the sleep goes on and the next caller shares it. */
  async until(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const seconds = Math.max(Math.min(ms, longestSleepMs), 10) / 1000
    this.#sleep ??= this.#connection
      .use((redis) => redis.blpop(this.#list, seconds))
      .finally(() => (this.#sleep = undefined))
    const { promise: aborted, resolve } = Promise.withResolvers<void>()
    const abort = (): void => resolve()
    signal.addEventListener('abort', abort)
    try {
      await Promise.race([this.#sleep, aborted])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  close(): void {
    this.#connection.close()
  }
}
