import { performance } from 'node:perf_hooks'

const tickMs = 100
/** Of its time, the gateway shall have the rest left for those who wait for an answer. */
const busy = 0.85
/** Calls that begin in one tick: 20 to 20,000 in a second. */
const [fewest, most] = [2, 2000]

/**
 * How many queued calls may begin now, by how busy the gateway is. They can wait, and callers cannot: without this, a
 * burst of asynchronous calls was accepted at a quarter of the speed at which functions are called.
 */
export class AsyncPace {
  readonly #timer: NodeJS.Timeout
  #perTick = most
  #begun = 0
  #ticked = Promise.withResolvers<void>()
  #last = performance.eventLoopUtilization()

  constructor() {
    this.#timer = setInterval(() => this.#tick(), tickMs).unref()
  }

  /** How many more may begin before the next tick. */
  get left(): number {
    return Math.floor(this.#perTick) - this.#begun
  }

  begin(calls: number): void {
    this.#begun += calls
  }

  nextTick(): Promise<void> {
    return this.#ticked.promise
  }

  /** Nobody is held up from then on. */
  stop(): void {
    clearInterval(this.#timer)
    this.#perTick = Infinity
    this.#ticked.resolve()
  }

  #tick(): void {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#last)
    this.#last = now
    // What was not used up is no sign that more would be too much.
    if (utilization > busy) this.#perTick = Math.max(fewest, Math.min(this.#perTick, this.#begun) / 2)
    else this.#perTick = Math.min(most, this.#perTick * 1.25 + 1)
    this.#begun = 0
    this.#ticked.resolve()
    this.#ticked = Promise.withResolvers()
  }
}
