import { setTimeout as sleep } from 'node:timers/promises'
import type { AsyncPolicy } from '../core/async-policy.ts'
import { asSkepError, messageOf } from '../core/errors.ts'
import type { CallLease, QueuedAnswer, Verdict } from '../core/queue.ts'
import { decide } from '../core/retry.ts'
import type { Decision, RunEnd } from '../core/retry.ts'
import type { TriggerContext } from '../core/trigger.ts'
import type { CallbackGuard } from './callback-guard.ts'
import { sendCallback } from './callback.ts'
import { callbackLine, followUps } from './follow-ups.ts'
import { callFunction, type Try } from './function-call.ts'

export interface RunParts {
  readonly context: TriggerContext
  readonly guard: CallbackGuard
  /** What is kept of an answer's body. */
  readonly maxAnswerBytes: number
}

const deadLetterMs = 30 * 24 * 3_600_000
const tellAgainMs = 500
const givenBack = { state: 'waiting', delayMs: 0, failed: false, reason: 'The gateway stopped.' } as const

/** One run of a leased call. */
export class AsyncRun {
  readonly #lease: CallLease
  readonly #policy: AsyncPolicy
  readonly #parts: RunParts
  readonly #stop = new AbortController()

  constructor(lease: CallLease, policy: AsyncPolicy, parts: RunParts) {
    this.#lease = lease
    this.#policy = policy
    this.#parts = parts
    lease.lost.addEventListener('abort', () => this.stop())
  }

  /** Ends it early; the call is given back, unless it was taken away. */
  stop(): void {
    this.#stop.abort()
  }

  /** Resolves when the queue knows what becomes of the call; with how the run ended, if there was one. */
  async run(): Promise<RunEnd | undefined> {
    const { maxAgeMs } = this.#policy
    if (this.#lease.ageMs > maxAgeMs) {
      await this.#conclude({ state: 'dead', reason: `It waited for longer than ${maxAgeMs / 1000} s.` })
      return undefined
    }
    const stopped = new Promise<undefined>((resolve) => {
      this.#stop.signal.addEventListener('abort', () => resolve(undefined))
    })
    const tried = await Promise.race([this.#try(), stopped])
    if (tried) await this.#conclude(decide(tried.end, this.#lease, this.#policy), tried.answer)
    else await this.#conclude(givenBack)
    return tried?.end
  }

  get #isCallback(): boolean {
    return this.#lease.call.function.startsWith(callbackLine)
  }

  async #try(): Promise<Try> {
    const { context, guard, maxAnswerBytes } = this.#parts
    const { signal } = this.#stop
    try {
      if (!this.#isCallback) return await callFunction(this.#lease, { context, maxAnswerBytes, signal })
      return { end: await sendCallback(this.#lease.call, guard, signal) }
    } catch (error) {
      return { end: { kind: 'failed', error: asSkepError(error) } }
    }
  }

  /** First what follows from the end, then the end: killed in between, it ends again, and nothing new follows from that. */
  async #conclude(decision: Decision, answer?: QueuedAnswer): Promise<void> {
    const { queue, log } = this.#parts.context
    const { call } = this.#lease
    const { state } = decision
    if (state === 'dead')
      log.warn('a call is dead', { call: call.id, function: call.function, reason: decision.reason })
    if (state !== 'waiting' && !this.#isCallback) {
      for (const next of followUps({ call, state, answer }, this.#policy)) {
        await this.#tell(() => queue.push(next.call, next.options))
      }
    }
    await this.#tell(() => this.#lease.settle(this.#verdict(decision, answer)))
  }

  #verdict(decision: Decision, answer: QueuedAnswer | undefined): Verdict {
    if (decision.state === 'waiting') return decision
    if (decision.state === 'dead') return { ...decision, answer, keepMs: deadLetterMs }
    return { state: 'done', answer, keepMs: this.#policy.keepMs }
  }

  /** The queue may be away for a while: what has run must not run again for that. */
  async #tell(tell: () => Promise<unknown>): Promise<void> {
    const { call, lost } = this.#lease
    while (!lost.aborted) {
      try {
        await tell()
        return
      } catch (error) {
        this.#parts.context.log.warn('the queue does not take the end of a call', {
          call: call.id,
          error: messageOf(error),
        })
        if (this.#stop.signal.aborted) return
        await sleep(tellAgainMs)
      }
    }
  }
}
