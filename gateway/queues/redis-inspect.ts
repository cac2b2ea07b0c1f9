import { randomUUID } from 'node:crypto'
import { callStates } from '../core/queue.ts'
import type { CallChange, CallRecord, CallSelection, CallState, CallSummary } from '../core/queue.ts'
import { Endings } from './endings.ts'
import { cancelledMs, changeable } from './keep.ts'
import type { RedisCalls } from './redis-calls.ts'
import { recordOf, summaryOf } from './redis-rows.ts'
import type { RecordRow, SummaryRow } from './redis-rows.ts'

/** How many calls one step changes: Redis does nothing else meanwhile. */
const changeStep = 500

/** Looks at calls in Redis, and changes them by hand. */
export class RedisInspect {
  readonly #calls: RedisCalls
  readonly #endings = new Endings()

  constructor(calls: RedisCalls) {
    this.#calls = calls
    calls.connection.listen((channel) => this.#endings.tell(channel))
  }

  async show(id: string, waitMs: number): Promise<CallRecord | undefined> {
    if (waitMs === 0) return this.#read(id)
    const channel = this.#calls.key('ended', id)
    await this.#calls.connection.use((redis) => redis.subscribe(channel))
    try {
      return await this.#endings.show(channel, waitMs, () => this.#read(id))
    } finally {
      // When Redis is away, there is nothing to end.
      if (!this.#endings.isAwaited(channel)) {
        await this.#calls.connection.use((redis) => redis.unsubscribe(channel)).catch(() => undefined)
      }
    }
  }

  list(selection: CallSelection, limit: number): Promise<CallSummary[]> {
    return this.#select(selection, callStates, limit)
  }

  async change(selection: CallSelection, change: CallChange): Promise<number> {
    const { action } = change
    const target = action === 'retry' ? (change.function ?? '') : ''
    const name = randomUUID()
    let changed = 0
    for (;;) {
      // What it has retried may be dead again by now: without its name, a change might never end.
      const calls = await this.#select(selection, changeable[action], changeStep, name)
      const ids = calls.map(({ id }) => id)
      changed += (await this.#calls.run('change', action, name, target, cancelledMs, ...ids)) as number
      if (ids.length < changeStep) return changed
    }
  }

  async depth() {
    const rows = (await this.#calls.run('depth')) as [Buffer, ...number[]][]
    return new Map(
      rows.map(([name, ...counts]) => {
        const byState = callStates.map((state, index) => [state, counts[index] ?? 0])
        return [String(name), Object.fromEntries(byState) as Record<CallState, number>]
      }),
    )
  }

  async #read(id: string): Promise<CallRecord | undefined> {
    const row = (await this.#calls.run('show', id)) as RecordRow | null
    return row === null ? undefined : recordOf(row)
  }

  /** The selected calls in one of these states, the newest first; without those that a change has sent again. */
  async #select(
    selection: CallSelection,
    states: readonly CallState[],
    limit: number,
    change = '',
  ): Promise<CallSummary[]> {
    const { id, function: name, state, since = -Infinity, until = Infinity } = selection
    const among = states.filter((one) => state === undefined || one === state)
    if (id !== undefined) {
      const call = await this.#read(id)
      if (!call || !among.includes(call.state) || (name !== undefined && call.function !== name)) return []
      return call.acceptedAt >= since && call.acceptedAt < until ? [call] : []
    }
    const range = [since === -Infinity ? '-inf' : since, until === Infinity ? '+inf' : `(${until}`]
    const args = [limit, ...range, change, name ?? '', ...among]
    const rows = (await this.#calls.run('list', ...args)) as SummaryRow[]
    const calls = rows.map(summaryOf).sort((a, b) => b.acceptedAt - a.acceptedAt)
    return calls.slice(0, limit)
  }
}
