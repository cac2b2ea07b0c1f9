import type { AsyncPolicy } from './async-policy.ts'
import type { Invocation } from './invocation.ts'
import type { Log } from './ports.ts'
import type { Queue } from './queue.ts'

/** What a trigger may use of Skep. */
export interface TriggerContext {
  /** Answers through `invocation.answer`, whatever happens. */
  invoke(invocation: Invocation): void
  readonly queue: Queue
  /** How calls of this function run; undefined: there is no such function. */
  policyOf(functionKey: string): AsyncPolicy | undefined
  readonly log: Log
}

/** Brings invocations besides those that come over HTTP. */
export interface Trigger {
  readonly name: string
  /** Returns how to stop it: nothing begins from then on, and it resolves when what runs has ended or was given back. */
  start(context: TriggerContext): () => Promise<void>
}
