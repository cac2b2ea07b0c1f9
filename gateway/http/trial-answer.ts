import type { Invocation } from '../core/invocation.ts'
import type { RelaySink } from './answer-relay.ts'
import type { SentBody } from './sent-body.ts'
import type { Trial } from './trial.ts'
import { isEarlyAnswer } from './watchdog.ts'

/** Passes an answer on, unless it is the watchdog's own and the request can be sent again: then it is kept from the caller. */
export class TrialAnswer implements RelaySink {
  isEarly = false
  readonly #invocation: Invocation
  readonly #sent: SentBody
  readonly #trial: Trial
  readonly #limitMs: number

  constructor(invocation: Invocation, sent: SentBody, { trial, limitMs }: { trial: Trial; limitMs: number }) {
    this.#invocation = invocation
    this.#sent = sent
    this.#trial = trial
    this.#limitMs = limitMs
  }

  informational(status: number, headers: readonly string[]): void {
    this.#invocation.answer.informational(status, headers)
  }

  head(status: number, statusText: string, headers: string[]): void {
    this.isEarly =
      isEarlyAnswer(this.#invocation, status, headers) &&
      this.#sent.isWhole &&
      !this.#trial.isOver(performance.now(), this.#limitMs)
    if (this.isEarly) return this.#trial.failed()
    this.#trial.passed = true
    this.#invocation.answer.head(status, statusText, headers)
  }

  write(chunk: Buffer): boolean {
    return this.isEarly || this.#invocation.answer.write(chunk)
  }

  end(last?: Buffer, trailers?: readonly string[]): void {
    if (!this.isEarly) this.#invocation.answer.end(last, trailers)
  }
}
