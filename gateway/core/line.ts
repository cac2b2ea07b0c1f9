import { SkepError } from './errors.ts'

/** A caller who waits for a replica. Exactly one of the two is called, or none after `leave`. */
export interface Waiter<L> {
  served(lease: L): void
  refused(error: SkepError): void
}

interface Place<L> {
  readonly waiter: Waiter<L>
  readonly deadline: number
}

/** The bounded line of callers in front of a pool: first come, first served; nobody waits for ever. */
export class Line<L> {
  // A Map keeps the order of arrival and lets anyone leave from the middle at no cost.
  readonly #places = new Map<Waiter<L>, Place<L>>()
  #timer: NodeJS.Timeout | undefined
  #closed: SkepError | undefined
  readonly #limit: number
  readonly #late: () => SkepError

  /** `late` makes the error of those who waited too long. */
  constructor(limit: number, late: () => SkepError) {
    this.#limit = limit
    this.#late = late
  }

  get length(): number {
    return this.#places.size
  }

  join(waiter: Waiter<L>, waitMs: number): void {
    if (this.#closed) return waiter.refused(this.#closed)
    if (this.#places.size >= this.#limit) {
      const message = `All replicas are busy and ${this.#limit} callers wait already.`
      const hint = 'Try again later, or raise scale.max, scale.concurrency or scale.waiting of the function.'
      return waiter.refused(new SkepError('queue_full', message, { hint, retryAfterSeconds: 1 }))
    }
    this.#places.set(waiter, { waiter, deadline: performance.now() + waitMs })
    this.#timer ??= setTimeout(this.#dismissLate, waitMs)
  }

  leave(waiter: Waiter<L>): void {
    this.#places.delete(waiter)
  }

  /** Serves from the front for as long as `lease` has one to give. */
  serve(lease: () => L | undefined): void {
    for (const { waiter } of this.#places.values()) {
      const given = lease()
      if (given === undefined) return
      this.#places.delete(waiter)
      waiter.served(given)
    }
  }

  /** Nobody is served any more: sends everyone away with this error, and whoever comes later. */
  close(error: SkepError): void {
    this.#closed = error
    this.refuseAll(error)
  }

  /** Sends everyone away with this error. */
  refuseAll(error: SkepError): void {
    const waiters = [...this.#places.keys()]
    this.#places.clear()
    for (const waiter of waiters) waiter.refused(error)
  }

  // One timer for the whole line: a timer for each caller would cost more than the wait.
  readonly #dismissLate = (): void => {
    this.#timer = undefined
    const now = performance.now()
    const late = [...this.#places.values()].filter(({ deadline }) => deadline <= now)
    for (const { waiter } of late) {
      this.#places.delete(waiter)
      waiter.refused(this.#late())
    }
    const next = Math.min(...[...this.#places.values()].map(({ deadline }) => deadline))
    if (Number.isFinite(next)) this.#timer = setTimeout(this.#dismissLate, Math.max(next - now, 1))
  }
}
