import { asSkepError, type SkepError } from './errors.ts'
import type { Waiter } from './line.ts'
import type { Pool } from './pool.ts'
import type { Carrier, Outcome } from './carrier.ts'
import type { Invocation } from './invocation.ts'
import type { Observer } from './ports.ts'
import type { Lease, Member } from './replicas.ts'
import type { Caller } from './sticky.ts'

/** How many replicas are tried before a caller learns that none takes the request. */
const maxTries = 4
/** What the log and the metrics say of a caller who left. */
const callerLeft = 499

/** What picks the revision of a call. */
interface CallTarget {
  readonly key: string
  readonly pool: Pool
  pick(caller: Caller): Pool
}

/** One invocation on its way: gets a lease, is carried, gives the lease back; goes to another replica if the first saw nothing. */
export class Call implements Waiter<Lease> {
  readonly #invocation: Invocation
  readonly #function: CallTarget
  #pool: Pool
  readonly #carrier: Carrier
  readonly #observer: Observer
  readonly #startedAt = performance.now()
  #lease: Lease | undefined
  #tries = 0
  /** The function may have seen it. */
  #reached = false

  constructor(invocation: Invocation, target: CallTarget, carrier: Carrier, observer: Observer) {
    this.#invocation = invocation
    this.#function = target
    this.#pool = target.pool
    this.#carrier = carrier
    this.#observer = observer
  }

  /** Picks the revision, again at every try: the function may have a new one by now. */
  begin(): void {
    try {
      this.#enter(this.#function.pick(this.#invocation))
    } catch (error) {
      this.refused(asSkepError(error))
    }
  }

  #enter(pool: Pool): void {
    this.#pool = pool
    const lease = pool.tryLease()
    if (lease) return this.served(lease)
    this.#invocation.cancel = () => {
      pool.leave(this)
      this.#finish(callerLeft)
    }
    pool.wait(this)
  }

  served(lease: Lease): void {
    this.#lease = lease
    this.#tries++
    this.#invocation.cancel = undefined
    this.#carrier.send(lease.address, this.#invocation, this.#pool.policy, this.#ended)
  }

  refused(error: SkepError): void {
    this.#invocation.cancel = undefined
    this.#invocation.answer.fail(error)
    this.#finish(error.status)
  }

  readonly #ended = (outcome: Outcome): void => {
    const lease = this.#lease
    if (outcome.kind === 'done' && outcome.spent) this.#pool.dismiss(lease as Member) // before another caller has it
    lease?.release()
    this.#reached = outcome.kind !== 'unsent' && outcome.kind !== 'unready'
    switch (outcome.kind) {
      case 'done':
        return this.#finish(outcome.status)
      case 'unsent':
        if (lease) this.#pool.doubt(lease as Member)
        return this.#tries < maxTries ? this.begin() : this.refused(outcome.error)
      case 'unready':
        if (lease) this.#pool.early(lease as Member)
        return this.begin() // as often as the carrier says so: it stops saying so in time
      case 'failed':
        return this.refused(outcome.error)
      case 'cut':
        return this.#finish(502)
      case 'caller_left':
        return this.#finish(callerLeft)
    }
  }

  #finish(status: number): void {
    const seconds = (performance.now() - this.#startedAt) / 1000
    const { tally } = this.#pool
    // Two revisions are compared by calls of the same time: the machine may have been busier before.
    if (tally && this.#startedAt >= tally.since) tally.add(status, seconds)
    this.#observer.answered(this.#function.key, status, seconds, this.#invocation, this.#reached)
  }
}
