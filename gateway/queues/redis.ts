import type { CallChange, CallLease, CallSelection, Verdict } from '../core/queue.ts'
import type { PushOptions, Queue, QueuedCall, TakeRequest } from '../core/queue.ts'
import { connect } from '../redis/connection.ts'
import { answerToBytes, requestFromBytes, requestToBytes } from './frame.ts'
import { defaultMaxBytes, idempotencyMs } from './keep.ts'
import { RedisBatch } from './redis-batch.ts'
import { RedisCalls } from './redis-calls.ts'
import { RedisInspect } from './redis-inspect.ts'
import { leaseMs, RedisLeases } from './redis-leases.ts'
import type { LeaseRow } from './redis-rows.ts'
import { RedisSleep } from './redis-sleep.ts'
import { redisWarnings } from './redis-warnings.ts'
import { idTaken, queueFull } from './refusals.ts'

/**
 * Calls in Redis 7 or Valkey, for any number of gateways; as durable as its append-only file. Two connections: one for
 * commands, one that sleeps until there is work. `maxBytes`: default 256 MiB.
 */
export function redisQueue(url: string, { maxBytes = defaultMaxBytes } = {}): Queue {
  return new RedisQueue(url, maxBytes)
}

class RedisQueue implements Queue {
  readonly #maxBytes: number
  readonly #calls: RedisCalls
  readonly #sleep: RedisSleep
  readonly #leases: RedisLeases
  readonly #inspect: RedisInspect
  readonly #pushes: RedisBatch
  readonly #ends: RedisBatch

  constructor(url: string, maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#calls = new RedisCalls(url)
    const blocking = connect(url, { unavailable: 'queue_unavailable', silenceMs: 3000 })
    this.#sleep = new RedisSleep(blocking, this.#calls.key('wake'))
    this.#leases = new RedisLeases(this.#calls)
    this.#inspect = new RedisInspect(this.#calls)
    this.#pushes = new RedisBatch((args) => this.#calls.run('push', idempotencyMs, ...args))
    this.#ends = new RedisBatch((args) => this.#calls.run('settle', ...args))
  }

  async push(call: QueuedCall, options: PushOptions = {}): Promise<string> {
    const { idempotencyKey = '', delayMs = 0, priority = 0, evenIfFull = false } = options
    const maxBytes = evenIfFull ? Number.MAX_SAFE_INTEGER : this.#maxBytes
    const { id, function: name } = call
    const args = [id, name, requestToBytes(call), priority, delayMs, idempotencyKey, maxBytes]
    const answer = (await this.#pushes.ask(args)) as Buffer | 1 | 2
    if (answer === 1) throw idTaken(id)
    if (answer === 2) throw queueFull(this.#maxBytes)
    return String(answer)
  }

  async take({ max, limits, signal }: TakeRequest): Promise<CallLease[]> {
    while (!signal.aborted) {
      const answer = await this.#calls.run('take', max, leaseMs, ...[...limits].flat())
      const [nextDueMs, ...rows] = answer as [number, ...LeaseRow[]]
      if (rows.length > 0) return rows.map((row) => this.#lease(row))
      await this.#sleep.until(nextDueMs < 0 ? Infinity : nextDueMs, signal)
    }
    return []
  }

  show(id: string, waitMs = 0) {
    return this.#inspect.show(id, waitMs)
  }

  list(selection: CallSelection, limit: number) {
    return this.#inspect.list(selection, limit)
  }

  change(selection: CallSelection, change: CallChange) {
    return this.#inspect.change(selection, change)
  }

  depth() {
    return this.#inspect.depth()
  }

  warnings(): Promise<string[]> {
    return this.#calls.connection.use(redisWarnings)
  }

  close(): Promise<void> {
    this.#leases.close()
    this.#sleep.close()
    this.#calls.connection.close()
    return Promise.resolve()
  }

  #lease([id, name, attempt, failures, ageMs, request]: LeaseRow): CallLease {
    const call = { id: String(id), function: String(name), ...requestFromBytes(request) }
    const lost = this.#leases.hold(call.id, attempt)
    return { call, attempt, failures, ageMs, lost, settle: (verdict) => this.#settle(call.id, attempt, verdict) }
  }

  async #settle(id: string, attempt: number, verdict: Verdict): Promise<void> {
    const ms = verdict.state === 'waiting' ? verdict.delayMs : verdict.keepMs
    const reason = verdict.state === 'done' ? '' : verdict.reason
    const failed = verdict.state === 'waiting' && verdict.failed ? 1 : 0
    const answer = verdict.state === 'waiting' ? undefined : verdict.answer
    const bytes = answer ? [1, answerToBytes(answer)] : [0, '']
    await this.#ends.ask([id, attempt, verdict.state, ms, reason, failed, ...bytes])
    this.#leases.release(id, attempt)
  }
}
