import { SkepError } from '../core/errors.ts'

const mayWait = 16

/** So many at the same time, the others in the order in which they came. */
export class Slots {
  readonly #waiting: (() => void)[] = []
  readonly #most: number
  #running = 0

  constructor(most: number) {
    this.#most = most
  }

  get areTaken(): boolean {
    return this.#running >= this.#most
  }

  /** `signal` ends the wait. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.areTaken) await this.#wait(signal)
    else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }

  #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= mayWait) {
      throw new SkepError('queue_full', `${mayWait} builds are waiting already.`, {
        hint: 'Try again in a while, or raise SKEP_BUILDS, which is how many build at the same time.',
        retryAfterSeconds: 30,
      })
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1)
        reject(signal.reason as Error)
      }
      const begin = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      this.#waiting.push(begin)
      signal.addEventListener('abort', leave, { once: true })
    })
  }
}
