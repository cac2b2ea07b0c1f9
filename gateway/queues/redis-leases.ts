import type { RedisCalls } from './redis-calls.ts'

/** Without a sign of life for so long, a run is taken over: with the sweep's second well below the 15 that are promised. */
export const leaseMs = 10_000
const keepEveryMs = 3000
const sweepEveryMs = 1000
const sweepStep = 500

interface Held {
  readonly attempt: number
  readonly lost: AbortController
}

/** Keeps the runs of this gateway for as long as it lives, an hour or a day, and takes over those of gateways that do not. */
export class RedisLeases {
  readonly #calls: RedisCalls
  readonly #held = new Map<string, Held>()
  readonly #timers: readonly NodeJS.Timeout[]

  constructor(calls: RedisCalls) {
    this.#calls = calls
    // When Redis is away, nobody else can take over either; when it is back, there is time to keep leases (sweep.lua).
    const inTurn = (work: () => Promise<void>) => () => void work().catch(() => undefined)
    this.#timers = [
      setInterval(
        inTurn(() => this.#keep()),
        keepEveryMs,
      ).unref(),
      setInterval(
        inTurn(() => this.#sweep()),
        sweepEveryMs,
      ).unref(),
    ]
  }

  hold(id: string, attempt: number): AbortSignal {
    const lost = new AbortController()
    this.#held.set(id, { attempt, lost })
    return lost.signal
  }

  release(id: string, attempt: number): void {
    if (this.#held.get(id)?.attempt === attempt) this.#held.delete(id)
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  async #keep(): Promise<void> {
    if (this.#held.size === 0) return
    const runs = [...this.#held].flatMap(([id, { attempt }]) => [id, attempt])
    const lost = (await this.#calls.run('extend', leaseMs, ...runs)) as Buffer[]
    for (const id of lost) {
      this.#held.get(String(id))?.lost.abort()
      this.#held.delete(String(id))
    }
  }

  async #sweep(): Promise<void> {
    while (((await this.#calls.run('sweep', leaseMs, sweepStep)) as number) >= sweepStep);
  }
}
