import { asSkepError, type SkepError } from './errors.ts'

interface ConvergenceParts {
  /** Whether more replicas are wanted than there are. */
  isShort(): boolean
  wanted(): number
  /** Brings the place to that many. */
  apply(wanted: number): Promise<void>
}

/** Brings the place to what is wanted, and looks again when it is there: wishes change meanwhile. */
export class Convergence {
  readonly #parts: ConvergenceParts
  /** What the place was last brought to; NaN when that no longer holds. */
  #applied = 0
  #running = false

  constructor(parts: ConvergenceParts) {
    this.#parts = parts
  }

  get isRunning(): boolean {
    return this.#running
  }

  /** The place has that many, as was wanted. */
  reached(wanted: number): void {
    this.#applied = wanted
  }

  /** What the place has is no longer known. */
  doubt(): void {
    this.#applied = NaN
  }

  /** `ended` is told how it went, if this call was the one to do it. */
  async run(ended: (failure: SkepError | undefined) => void): Promise<void> {
    if (this.#running) return
    this.#running = true
    let failure: SkepError | undefined
    while (!failure && this.#applied !== this.#parts.wanted() && this.#parts.isShort()) {
      const wanted = this.#parts.wanted()
      // Said before it is done: a replica that ends meanwhile makes it untrue.
      this.#applied = wanted
      failure = await this.#parts.apply(wanted).then(() => undefined, asSkepError)
    }
    // Set in the same breath as the last look: a wish in between would be lost.
    this.#running = false
    ended(failure)
  }
}
