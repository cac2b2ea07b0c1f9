import type { Argument } from '../redis/script.ts'

interface Asked {
  readonly args: readonly Argument[]
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Some are on their way while the next one gathers: fewer would wait for Redis, more would bring less at a time. */
const mostUnderWay = 4
/** Redis does nothing else while a script runs. */
const most = 100

/**
 * Brings what is asked at about the same time to Redis in one script call: it then writes and syncs once for all of it.
 * The script takes the arguments of all one after the other, and answers with a list.
 */
export class RedisBatch {
  readonly #send: (args: Argument[]) => Promise<unknown>
  #waiting: Asked[] = []
  #underWay = 0

  constructor(send: (args: Argument[]) => Promise<unknown>) {
    this.#send = send
  }

  ask(args: readonly Argument[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ args, resolve, reject }) === 1) setImmediate(() => this.#next())
    })
  }

  #next(): void {
    if (this.#underWay >= mostUnderWay || this.#waiting.length === 0) return
    const batch = this.#waiting.slice(0, most)
    this.#waiting = this.#waiting.slice(most)
    this.#underWay++
    void this.#bring(batch).finally(() => {
      this.#underWay--
      this.#next()
    })
    this.#next()
  }

  async #bring(batch: readonly Asked[]): Promise<void> {
    try {
      const answers = (await this.#send(batch.flatMap(({ args }) => args))) as unknown[]
      batch.forEach(({ resolve }, at) => resolve(answers[at]))
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}
