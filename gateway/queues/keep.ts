import type { CallChange, CallState } from '../core/queue.ts'

/** How long a repeated `Idempotency-Key` is known. */
export const idempotencyMs = 24 * 3_600_000
/** How long a cancelled call can still be seen. */
export const cancelledMs = 24 * 3_600_000
/** What a call costs beside its request and answer; about the same in both queues. */
export const callBytes = 700
/** What a queue holds at most when nothing else is said: requests, answers and dead letters together. */
export const defaultMaxBytes = 256 * 1024 * 1024

/** The states from which a change is possible. */
export const changeable = {
  retry: ['dead', 'cancelled'],
  cancel: ['waiting', 'delayed', 'running'],
  purge: ['done', 'dead', 'cancelled'],
} as const satisfies Record<CallChange['action'], readonly CallState[]>
