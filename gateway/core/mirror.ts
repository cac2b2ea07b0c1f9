import { z } from 'zod'
import { BriefAnswer } from './brief-answer.ts'
import { Call } from './call.ts'
import { passingBody } from './passing-body.ts'
import type { Carrier } from './carrier.ts'
import type { Invocation } from './invocation.ts'
import type { Pool } from './pool.ts'
import type { Observer } from './ports.ts'
import { Tally } from './tally.ts'

export const MirrorPlan = z.strictObject({
  revision: z.int().min(1),
  /** Of the requests. */
  percent: z.number().gt(0).max(100),
})
export type MirrorPlan = z.infer<typeof MirrorPlan>

const maxBodyBytes = 1024 * 1024
/** Copies on their way at the same time; what comes beyond is not copied. */
const maxInFlight = 100
/** A copy may answer without end: nobody reads it. */
const longestMs = 60_000
const callerLeft = 499

/** What has the revision that copies go to. */
interface MirroredFunction {
  readonly key: string
  revision(number: number): Pool
}

interface Answered {
  readonly status: number
  readonly seconds: number
  readonly reached: boolean
}

/** Sends copies of requests to a revision, throws the answers away, and compares how they went. Callers never notice. */
export class Mirror {
  readonly plan: MirrorPlan
  /** How the requests went that were copied, and how their copies did. */
  readonly originals = new Tally()
  readonly copies = new Tally()
  /** Pairs with two different statuses. */
  different = 0
  /** Requests that could not be copied or compared: a gateway's own answer says nothing of a function. */
  skipped = 0
  #inFlight = 0

  constructor(plan: MirrorPlan) {
    this.plan = plan
  }

  get counts(): Readonly<Record<'same' | 'different' | 'skipped', number>> {
    const { different, skipped } = this
    return { same: this.copies.requests - different, different, skipped }
  }

  /** Copies the request if it is its turn; the observer that comes back wants to hear how the original goes. */
  watch(
    invocation: Invocation,
    found: MirroredFunction,
    parts: { readonly carrier: Carrier; readonly observer: Observer },
  ): Observer {
    const { carrier, observer } = parts
    if (Math.random() * 100 >= this.plan.percent) return observer
    const passing = this.#inFlight < maxInFlight ? passingBody(invocation, maxBodyBytes) : undefined
    if (!passing) return (this.skipped++, observer)
    this.#inFlight++
    const { promise: original, resolve } = Promise.withResolvers<Answered>()
    const copy = passing.then((copied) => copied && this.#send({ ...invocation, ...copied }, found, carrier))
    void Promise.all([original, copy])
      .then(([one, other]) => this.#compare(one, other))
      .catch(() => this.skipped++) // the revision is gone
      .finally(() => this.#inFlight--)
    return {
      ...observer,
      answered: (key, status, seconds, answered, reached) => {
        observer.answered(key, status, seconds, answered, reached)
        resolve({ status, seconds, reached })
      },
    }
  }

  #send(
    { id, method, target, headers, body }: Invocation,
    found: MirroredFunction,
    carrier: Carrier,
  ): Promise<Answered> {
    const pool = found.revision(this.plan.revision)
    const copy: Invocation = {
      ...{ id, function: found.key, method, target, body },
      headers: [...headers, 'X-Skep-Mirror', String(this.plan.revision)],
      answer: new BriefAnswer(),
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => copy.cancel?.(), longestMs)
      const answered: Observer['answered'] = (_key, status, seconds, _copy, reached) => {
        clearTimeout(timer)
        resolve({ status, seconds, reached })
      }
      const only = { key: found.key, pool, pick: () => pool }
      new Call(copy, only, carrier, { started() {}, coldStart() {}, answered }).begin()
    })
  }

  #compare(original: Answered, copy: Answered | undefined): void {
    const isComparable = ({ status, reached }: Answered): boolean => reached && status !== callerLeft
    if (!copy || !isComparable(original) || !isComparable(copy)) return void this.skipped++
    this.originals.add(original.status, original.seconds)
    this.copies.add(copy.status, copy.seconds)
    if (original.status !== copy.status) this.different++
  }
}
