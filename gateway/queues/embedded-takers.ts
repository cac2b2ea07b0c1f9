import type { TakeRequest } from '../core/queue.ts'
import type { EmbeddedCalls } from './embedded-calls.ts'
import type { LeasedRow } from './embedded-rows.ts'

interface Taker {
  readonly request: TakeRequest
  readonly give: (rows: LeasedRow[]) => void
}

const longestTimerMs = 2 ** 31 - 1

/** Those who wait for calls that may run. */
export class EmbeddedTakers {
  readonly #calls: EmbeddedCalls
  readonly #look: () => void
  readonly #waiting = new Set<Taker>()
  #alarm: NodeJS.Timeout | undefined

  /** `look` brings a call of `serve` inside a transaction. */
  constructor(calls: EmbeddedCalls, look: () => void) {
    this.#calls = calls
    this.#look = look
  }

  take(request: TakeRequest): Promise<LeasedRow[]> {
    const { signal } = request
    if (signal.aborted) return Promise.resolve([])
    return new Promise((resolve) => {
      const give = (rows: LeasedRow[]): void => {
        this.#waiting.delete(taker)
        signal.removeEventListener('abort', leave)
        resolve(rows)
      }
      const leave = (): void => give([])
      const taker = { request, give }
      signal.addEventListener('abort', leave)
      this.#waiting.add(taker)
      this.#look()
    })
  }

  /** Leases what may run; what it returns hands it over, once that is committed. */
  serve(): () => void {
    this.#calls.tidy()
    const served = [...this.#waiting].map(({ request, give }) => ({ give, rows: this.#lease(request) }))
    return () => {
      for (const { give, rows } of served) if (rows.length > 0) give(rows)
      this.#setAlarm()
    }
  }

  close(): void {
    clearTimeout(this.#alarm)
    for (const { give } of this.#waiting) give([])
  }

  #lease({ max, limits }: TakeRequest): LeasedRow[] {
    const rows: LeasedRow[] = []
    while (rows.length < max) {
      const row = this.#calls.lease(limits)
      if (!row) break
      rows.push(row)
    }
    return rows
  }

  /** Looks again when the next delayed call becomes due. */
  #setAlarm(): void {
    clearTimeout(this.#alarm)
    const { nextDue } = this.#calls
    if (this.#waiting.size === 0 || nextDue === Infinity) return
    this.#alarm = setTimeout(this.#look, Math.min(Math.max(nextDue - Date.now(), 1), longestTimerMs)).unref()
  }
}
