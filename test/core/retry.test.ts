import { describe, expect, it } from 'vitest'
import { AdaptiveLimit } from '../../gateway/core/adaptive-limit.ts'
import { asyncPolicyOf } from '../../gateway/core/async-policy.ts'
import { SkepError } from '../../gateway/core/errors.ts'
import { policyOf } from '../../gateway/core/policy.ts'
import { decide, parseRetryAfter } from '../../gateway/core/retry.ts'
import type { RunEnd } from '../../gateway/core/retry.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'

const spec = (fields: object) => FunctionSpec.parse({ name: 'hello', image: 'x', ...fields })
const policy = asyncPolicyOf(spec({ async: { attempts: 3, 'min-wait': '1s', 'max-wait': '10s', 'max-age': '1h' } }), 10)
const answered = (status: number, retryAfterMs?: number): RunEnd => ({ kind: 'answered', status, retryAfterMs })
const failed = (code: 'start_failed' | 'upstream_invalid' | 'queue_full' | 'function_not_found'): RunEnd => ({
  kind: 'failed',
  error: new SkepError(code, 'It is so.', { hint: undefined }),
})
const fresh = { failures: 0, ageMs: 0 }

describe('the policy of asynchronous calls', () => {
  it('comes from the spec, then from the OpenFaaS annotations, then from the defaults', () => {
    const annotations = {
      'com.openfaas.retry.attempts': '10',
      'com.openfaas.retry.codes': '429,502, 500',
      'com.openfaas.retry.min_wait': '10s',
      'com.openfaas.retry.max_wait': '120s',
    }
    expect(policyOf(spec({ annotations, async: { attempts: 5 } })).async).toEqual({
      attempts: 5,
      codes: new Set([429, 502, 500]),
      minWaitMs: 10_000,
      maxWaitMs: 120_000,
      maxAgeMs: 6 * 3_600_000,
      concurrency: 50,
      keepMs: 3_600_000,
      onSuccess: undefined,
      onFailure: undefined,
    })
  })

  it('runs as many calls at a time as the function can be scaled out for', () => {
    expect(policyOf(spec({ scale: { target: 2, max: 3 } })).async.concurrency).toBe(6)
  })

  it.each([
    [{ annotations: { 'com.openfaas.retry.codes': '500,often' } }, 'com.openfaas.retry.codes'],
    [{ async: { attempts: 0 } }, 'attempts'],
    [{ async: { 'min-wait': 'soon' } }, 'min-wait'],
    [{ async: { retries: 3 } }, 'retries'],
  ])('is refused with its place when it is wrong: %j', (fields, place) => {
    expect(() => spec(fields)).toThrow(place)
  })
})

describe('what becomes of a call', () => {
  it.each([
    ['an answer', answered(200), 'done'],
    ['a redirect', answered(302), 'done'],
    ['a refusal that will not change', answered(404), 'done'],
    ['a failure that is to be retried', answered(500), 'waiting'],
    ['a failure that is not to be retried', answered(501), 'dead'],
    ['a start that failed', failed('start_failed'), 'waiting'],
    ['a function that is not there, yet', failed('function_not_found'), 'waiting'],
    ['an answer that is not HTTP', failed('upstream_invalid'), 'dead'],
  ])('after %s', (_, end, state) => {
    expect(decide(end, fresh, policy).state).toBe(state)
  })

  it('is dead after the last attempt, and says why', () => {
    const decision = decide(answered(503), { failures: 2, ageMs: 0 }, policy)
    expect(decision).toEqual({ state: 'dead', reason: 'It answered 503 at the last of 3 attempts.' })
  })

  it.each([
    [0, 1000],
    [1, 2000],
    [2, 4000],
    [3, 8000],
    [4, 10_000],
    [50, 10_000],
  ])('waits at random, after %i failures up to %i ms', (failures, most) => {
    const patient = { ...policy, attempts: 100 }
    const delays = [0, 0.5, 0.999].map((random) => decide(answered(500), { failures, ageMs: 0 }, patient, () => random))
    expect(delays).toMatchObject([{ delayMs: 0 }, { delayMs: most / 2 }, { delayMs: Math.round(most * 0.999) }])
  })

  it.each([
    ['says when to come back', answered(429, 5000)],
    ['is too busy to begin', failed('queue_full')],
  ])('does not count an attempt when the function %s', (_, end) => {
    const decision = decide(end, { failures: 2, ageMs: 0 }, policy, () => 0)
    expect(decision).toMatchObject({ state: 'waiting', failed: false })
  })

  it('comes back no earlier than it was told', () => {
    expect(decide(answered(503, 30_000), fresh, policy)).toMatchObject({ delayMs: 30_000 })
  })

  it('is dead when it would be too old at the next attempt', () => {
    const decision = decide(answered(429, 60_000), { failures: 0, ageMs: 3_550_000 }, policy)
    expect(decision).toMatchObject({ state: 'dead', reason: expect.stringContaining('older than 3600 s') })
  })
})

describe('Retry-After', () => {
  const now = Date.parse('2030-01-01T00:00:00Z')
  it.each([
    ['120', 120_000],
    ['Tue, 01 Jan 2030 00:00:30 GMT', 30_000],
    ['Mon, 31 Dec 2029 00:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('%s is %s ms', (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms)
  })
})

describe('the limit of a function that pushes back', () => {
  it('is halved once for all that was sent together, and nothing is sent during the pause', () => {
    const limit = new AdaptiveLimit(8)
    for (let n = 0; n < 8; n++) limit.pushedBack(0, 1000)
    expect([limit.at(500), limit.at(1001)]).toEqual([0, 4])
  })

  it('never goes below one, and comes back slowly while calls are taken', () => {
    const limit = new AdaptiveLimit(4)
    for (let n = 0; n < 5; n++) limit.pushedBack(n * 2000, 1000)
    expect([limit.at(20_000), limit.isFull]).toEqual([1, false])
    for (let n = 0; n < 20; n++) limit.taken()
    expect([limit.at(20_000), limit.isFull]).toEqual([4, true])
  })

  it('follows a new revision', () => {
    const limit = new AdaptiveLimit(8)
    limit.max = 2
    expect(limit.at(0)).toBe(2)
    limit.max = 8
    limit.taken()
    expect(limit.at(0)).toBe(2)
  })
})
