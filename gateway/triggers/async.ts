import { setTimeout as sleep } from 'node:timers/promises'
import { asyncPolicyOf } from '../core/async-policy.ts'
import { messageOf } from '../core/errors.ts'
import type { CallLease } from '../core/queue.ts'
import { pushedBackFor } from '../core/retry.ts'
import type { Trigger, TriggerContext } from '../core/trigger.ts'
import { AsyncLimits } from './async-limits.ts'
import { AsyncPace } from './async-pace.ts'
import { AsyncRun } from './async-run.ts'
import type { RunParts } from './async-run.ts'
import { callbackGuard } from './callback-guard.ts'
import { callbackLine } from './follow-ups.ts'

export interface AsyncOptions {
  /** Hosts and networks that may be called back although they are not public. Default none. */
  readonly callbackAllow?: readonly string[]
  /** What is kept of an answer's body. Default 1 MiB. */
  readonly maxAnswerBytes?: number
  /** How long calls may go on when the gateway stops; then they are given back. Default 10 s. */
  readonly drainMs?: number
}

/** More of them would only fill the memory; each function has a limit of its own below that. */
const maxRunning = 1000
/** One look hands out so many at most, so that their bodies do not arrive all at once. */
const maxTaken = 100
const lookAgainMs = 500

/** Runs what waits in the queue. */
export function asyncTrigger(options: AsyncOptions = {}): Trigger {
  return { name: 'async', start: (context) => new Dispatcher(context, options).start() }
}

class Dispatcher {
  readonly #context: TriggerContext
  readonly #drainMs: number
  readonly #parts: RunParts
  readonly #limits = new AsyncLimits()
  readonly #running = new Set<AsyncRun>()
  readonly #pace = new AsyncPace()
  readonly #stopping = new AbortController()
  /** Called at the end of the next run. */
  #ended: () => void = () => undefined

  constructor(context: TriggerContext, options: AsyncOptions) {
    const { callbackAllow = [], maxAnswerBytes = 1024 * 1024, drainMs = 10_000 } = options
    this.#context = context
    this.#drainMs = drainMs
    this.#parts = { context, guard: callbackGuard(callbackAllow), maxAnswerBytes }
  }

  start(): () => Promise<void> {
    const looking = this.#look()
    return async () => {
      this.#stopping.abort()
      this.#pace.stop()
      const timer = setTimeout(() => this.#running.forEach((run) => run.stop()), this.#drainMs)
      await looking
      while (this.#running.size > 0) await this.#oneEnds()
      clearTimeout(timer)
    }
  }

  async #look(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        while (this.#running.size >= maxRunning) await this.#oneEnds()
        while (this.#pace.left <= 0) await this.#pace.nextTick()
        const leases = await this.#take()
        this.#pace.begin(leases.length)
        for (const lease of leases) void this.#run(lease)
      } catch (error) {
        this.#context.log.warn('the queue gives no calls', { error: messageOf(error) })
        await sleep(lookAgainMs)
      }
    }
  }

  #take(): Promise<CallLease[]> {
    const now = performance.now()
    const change = this.#limits.nextChange(now)
    const stopping = this.#stopping.signal
    return this.#context.queue.take({
      max: Math.min(maxRunning - this.#running.size, this.#pace.left, maxTaken),
      limits: this.#limits.at(now),
      // A pause that ends is nothing that the queue would notice.
      signal:
        change === undefined ? stopping : AbortSignal.any([stopping, AbortSignal.timeout(Math.ceil(change - now))]),
    })
  }

  async #run(lease: CallLease): Promise<void> {
    const name = lease.call.function
    const policy = this.#context.policyOf(functionOf(name)) ?? policyOfUnknown
    const run = new AsyncRun(lease, policy, this.#parts)
    this.#running.add(run)
    this.#limits.begin(name, policy.concurrency)
    const end = await run.run()
    this.#limits.end(name, performance.now(), end && pushedBackFor(end))
    this.#running.delete(run)
    this.#ended()
  }

  #oneEnds(): Promise<void> {
    return new Promise((resolve) => (this.#ended = resolve))
  }
}

/** It may be deployed in a moment. */
const policyOfUnknown = asyncPolicyOf({ async: {}, annotations: {} }, 10)

/** The function whose policy counts for `hello@3` and for the callbacks of `hello`. */
const functionOf = (name: string): string => name.replace(callbackLine, '').replace(/@.*$/, '')
