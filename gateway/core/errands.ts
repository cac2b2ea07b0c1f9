import { setTimeout as sleep } from 'node:timers/promises'
import type { Changes } from './changes.ts'
import type { Crew } from './crew.ts'
import { asSkepError, SkepError } from './errors.ts'
import { errorOf, failureOf, type PeerMessage } from './peer-messages.ts'
import type { Progress } from './progress.ts'

/** The arguments and what comes of it travel as JSON. */
type Change = (args: never, progress: Progress) => Promise<unknown>

interface Errand {
  readonly id: string
  readonly verb: string
  readonly args?: unknown
}

interface Sent extends PromiseWithResolvers<unknown> {
  readonly progress: Progress
  /** When the one that does it spoke last. */
  heardAt: number | undefined
}

const sendEveryMs = 500
/** The lead moves within five seconds. */
const noLeaderMs = 8000
const aliveEveryMs = 1000
const lostMs = 5000

/** Has every change made by the gateway that leads: so there is one order of them, whichever gateway was asked. */
export class Errands {
  readonly #crew: Crew
  readonly #changes: Changes
  readonly #sent = new Map<string, Sent>()
  /** Those that were taken on for others: one that is sent twice is done once. */
  readonly #taken = new Set<string>()

  constructor(crew: Crew, changes: Changes) {
    this.#crew = crew
    this.#changes = changes
  }

  /** Rejects as the verb does, with `no_leader`, or with `store_unavailable` when nobody can be asked. */
  async run(verb: keyof Changes, args: unknown, progress: Progress = () => {}): Promise<unknown> {
    for (let deadline = Infinity; ;) {
      try {
        return await this.#try(verb, args, progress)
      } catch (error) {
        // Nothing was changed: whoever leads by now does it.
        if (asSkepError(error).code !== 'lead_moved' || performance.now() > deadline) throw error
        deadline = Math.min(deadline, performance.now() + noLeaderMs)
      }
    }
  }

  async #try(verb: keyof Changes, args: unknown, progress: Progress): Promise<unknown> {
    const sent: Sent = { ...Promise.withResolvers<unknown>(), progress, heardAt: undefined }
    sent.promise.catch(() => {}) // heard below, unless it comes too late
    const errand: Errand = { id: crypto.randomUUID(), verb, args }
    this.#sent.set(errand.id, sent)
    try {
      return (await this.#isTaken(errand, sent)) ? await this.#outcome(sent) : await this.#work(errand, progress)
    } finally {
      this.#sent.delete(errand.id)
    }
  }

  heard(message: PeerMessage): void {
    if (message.kind === 'errand' && this.#crew.role === 'leads') void this.#takeOn(message)
    if (message.kind !== 'progress' && message.kind !== 'done' && message.kind !== 'refused') return
    const sent = this.#sent.get(message.id)
    if (!sent) return
    sent.heardAt = performance.now()
    if (message.kind === 'done') sent.resolve(message.value)
    else if (message.kind === 'refused') sent.reject(errorOf(message.failure))
    else if (message.message !== undefined) sent.progress(message.message)
  }

  /** Whether another gateway does it; if not, this one leads. */
  async #isTaken(errand: Errand, sent: Sent): Promise<boolean> {
    const deadline = performance.now() + noLeaderMs
    while (this.#crew.role !== 'leads') {
      if (this.#crew.role === 'alone') throw nobodyToAsk()
      if (performance.now() > deadline) throw noLeader('No gateway leads at the moment.', 'Try again in a few seconds.')
      this.#crew.tell({ kind: 'errand', ...errand })
      await Promise.race([sent.promise, sleep(sendEveryMs)])
      if (sent.heardAt !== undefined) return true
    }
    return false
  }

  async #outcome(sent: Sent): Promise<unknown> {
    const pending = Symbol('pending')
    for (;;) {
      const outcome = await Promise.race([sent.promise, sleep(aliveEveryMs, pending)])
      if (outcome !== pending) return outcome
      if (performance.now() - (sent.heardAt ?? 0) < lostMs) continue
      throw noLeader('The gateway that did it is lost.', 'Look at what has become of it, then repeat it.')
    }
  }

  async #takeOn(errand: Errand): Promise<void> {
    const { id } = errand
    if (this.#taken.has(id)) return
    this.#taken.add(id)
    const progress = (message?: string): void => this.#crew.tell({ kind: 'progress', id, message })
    progress()
    const alive = setInterval(progress, aliveEveryMs)
    try {
      this.#crew.tell({ kind: 'done', id, value: await this.#work(errand, progress) })
    } catch (error) {
      this.#crew.tell({ kind: 'refused', id, failure: failureOf(asSkepError(error)) })
    } finally {
      clearInterval(alive)
      setTimeout(() => this.#taken.delete(id), noLeaderMs).unref()
    }
  }

  async #work({ verb, args }: Errand, progress: Progress): Promise<unknown> {
    const change = Object.entries<Change>(this.#changes).find(([name]) => name === verb)?.[1]
    if (!change)
      throw new SkepError('not_supported', `The gateway that leads does not know how to ${verb}.`, {
        hint: 'Bring all gateways to the same version.',
      })
    return change(args as never, progress)
  }
}

const nobodyToAsk = (): SkepError =>
  new SkepError('store_unavailable', 'Redis cannot be reached, so nothing is changed now.', {
    hint: 'Look whether Redis runs, and whether the gateway may reach it. Functions are served meanwhile.',
    retryAfterSeconds: 5,
  })

const noLeader = (message: string, hint: string): SkepError =>
  new SkepError('no_leader', message, { hint, retryAfterSeconds: 5 })
