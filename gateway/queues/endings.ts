import { EventEmitter } from 'node:events'
import type { CallRecord, CallState } from '../core/queue.ts'

export const isEnd = (state: CallState): boolean => state === 'done' || state === 'dead' || state === 'cancelled'

/** Lets those who ask for a call wait for its end. */
export class Endings {
  readonly #emitter = new EventEmitter().setMaxListeners(0)

  /** Reads the call; if it is not at its end yet, once more then, at the latest after `waitMs`. */
  async show(id: string, waitMs: number, read: () => Promise<CallRecord | undefined>): Promise<CallRecord | undefined> {
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, waitMs)
    // Listens before it reads: the call may end in between.
    this.#emitter.on(id, resolve)
    try {
      const first = await read()
      if (waitMs === 0 || first === undefined || isEnd(first.state)) return first
      await ended
      return await read()
    } finally {
      clearTimeout(timer)
      this.#emitter.off(id, resolve)
    }
  }

  tell(id: string): void {
    this.#emitter.emit(id)
  }

  isAwaited(id: string): boolean {
    return this.#emitter.listenerCount(id) > 0
  }
}
