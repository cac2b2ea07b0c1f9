import { asSkepError } from './errors.ts'
import type { DeployedFunction } from './function.ts'
import type { Pool } from './pool.ts'
import type { Log } from './ports.ts'
import type { Queue } from './queue.ts'
import type { UsageMeter } from './usage.ts'

const everyMs = 2000

export interface SignalsParts {
  readonly usage: UsageMeter
  /** How many calls are queued; left out where there is no queue. */
  readonly queueDepth?: Queue['depth']
  readonly log: Log
}

/** Tells the pools of functions that grow by their processors or their queue how much there is of it. */
export class Signals {
  readonly #parts: SignalsParts
  #lookedAt = -Infinity
  #looking = false

  constructor(parts: SignalsParts) {
    this.#parts = parts
  }

  tick(functions: readonly DeployedFunction[], now: number): void {
    const asking = functions.filter(({ pool }) => pool.policy.type === 'cpu' || pool.policy.type === 'queue')
    if (asking.length === 0 || this.#looking || now < this.#lookedAt + everyMs) return
    this.#lookedAt = now
    this.#looking = true
    void this.#look(asking).finally(() => (this.#looking = false))
  }

  async #look(functions: readonly DeployedFunction[]): Promise<void> {
    const queued = await this.#queued().catch((error: unknown) => this.#unknown(error))
    for (const { key, pool } of functions) {
      pool.signal =
        pool.policy.type === 'cpu'
          ? await this.#cpuOf(pool).catch((error: unknown) => this.#unknown(error))
          : queued?.(key)
    }
  }

  async #cpuOf(pool: Pool): Promise<number | undefined> {
    return (await this.#parts.usage.of(pool.replicas))?.cpuMillis
  }

  /** Those that could run now; a delayed call is no reason to grow yet. */
  async #queued(): Promise<((key: string) => number) | undefined> {
    const depth = await this.#parts.queueDepth?.()
    return depth && ((key) => (depth.get(key)?.waiting ?? 0) + (depth.get(key)?.running ?? 0))
  }

  #unknown(error: unknown): undefined {
    this.#parts.log.warn('what functions grow by is not known', { error: asSkepError(error).message })
  }
}
