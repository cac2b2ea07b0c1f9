import type { AsyncPolicy } from './async-policy.ts'
import type { SkepError } from './errors.ts'

/** How one run of a queued call ended: with an answer, or without one. */
export type RunEnd =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'failed'; readonly error: SkepError }

export interface RunSoFar {
  /** Runs that failed before this one. */
  readonly failures: number
  readonly ageMs: number
}

export type Decision =
  | { readonly state: 'done' }
  | { readonly state: 'dead'; readonly reason: string }
  | { readonly state: 'waiting'; readonly delayMs: number; readonly failed: boolean; readonly reason: string }

/**
 * What becomes of the call. Done is what the function has answered with a status that is neither to be retried nor a
 * server's failure. Who says when to come back, or was too busy to begin, has not failed: only the maximum age limits that.
 */
export function decide(end: RunEnd, soFar: RunSoFar, policy: AsyncPolicy, random = Math.random): Decision {
  const retry = end.kind === 'answered' ? policy.codes.has(end.status) : mayComeTrue(end.error)
  if (end.kind === 'answered' && !retry && end.status < 500) return { state: 'done' }
  const what = end.kind === 'answered' ? `It answered ${end.status}` : end.error.message.replace(/\.$/, '')
  if (!retry) return { state: 'dead', reason: `${what}, which is not retried.` }

  const failed = pushedBackFor(end) === undefined
  const failures = soFar.failures + (failed ? 1 : 0)
  if (failures >= policy.attempts)
    return { state: 'dead', reason: `${what} at the last of ${policy.attempts} attempts.` }
  const delayMs = Math.round(Math.max(backoff(failures, policy, random), pushedBackFor(end) ?? 0))
  if (soFar.ageMs + delayMs > policy.maxAgeMs) {
    return {
      state: 'dead',
      reason: `${what}, and the call would be older than ${policy.maxAgeMs / 1000} s at the next attempt.`,
    }
  }
  return { state: 'waiting', delayMs, failed, reason: `${what}.` }
}

/** How long the function, or its line, asks to be left alone; undefined: it does not ask. */
export function pushedBackFor(end: RunEnd): number | undefined {
  if (end.kind === 'answered') return end.status === 429 || end.status === 503 ? end.retryAfterMs : undefined
  const { code, retryAfterSeconds = 1 } = end.error
  return code === 'queue_full' || code === 'stopping' ? retryAfterSeconds * 1000 : undefined
}

/** A function that is not there may be deployed in a moment; the gateway may just be starting. */
const mayComeTrue = (error: SkepError): boolean => error.retryable || error.code === 'function_not_found'

/** Exponential with full jitter: a thousand calls that failed together do not come back together. */
function backoff(failures: number, { minWaitMs, maxWaitMs }: AsyncPolicy, random: () => number): number {
  return random() * Math.min(maxWaitMs, minWaitMs * 2 ** Math.max(failures - 1, 0))
}

/** Milliseconds of a `Retry-After`: seconds or a date. */
export function parseRetryAfter(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(at - now, 0)
}
