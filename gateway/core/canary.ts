import { z } from 'zod'
import type { Share } from './revision.ts'
import type { Tally } from './tally.ts'
import { Duration } from './unit-schemas.ts'
import { parseDuration } from './units.ts'

const Percent = z.coerce.number().min(0).max(100)

/** How a new revision gets the traffic bit by bit. */
export const CanaryPlan = z.strictObject({
  /** Percent of the traffic, step by step; after the last one it gets all of it. */
  steps: z.array(Percent.gt(0).lt(100)).min(1).max(20),
  /** How long each step lasts at least. Default 2m. */
  every: Duration.default('2m'),
  /** Percent of its calls that may fail beyond those that fail on the current revision as well. Default 1. */
  'max-errors': Percent.default(1),
  /** How much slower its 95th percentile may be than the current revision's. Default 1.2. */
  'max-p95': z.coerce.number().min(1).default(1.2),
  /** Calls that each revision must have had in a step before it is judged. Default 50. */
  'min-requests': z.coerce.number().int().min(1).default(50),
})
export type CanaryPlan = z.infer<typeof CanaryPlan>

/** A canary on its way; kept in the store, so that it goes on when the gateway is started again. */
export const CanaryState = z.object({
  revision: z.int(),
  /** Gets the traffic back if the canary is not good. */
  stable: z.int(),
  plan: CanaryPlan,
  /** Index of the step that it is at. */
  step: z.int(),
})
export type CanaryState = z.infer<typeof CanaryState>

/** How the traffic goes at its step. */
export function sharesAt({ revision, stable, plan, step }: CanaryState): Share[] {
  const weight = plan.steps[step] ?? 100
  return [
    { revision, weight },
    { revision: stable, weight: 100 - weight },
  ]
}

/** Where it is, for a person. */
export const stepOf = ({ revision, plan, step }: CanaryState): string =>
  `Revision ${revision} gets ${plan.steps[step] ?? 100} % of the traffic, step ${step + 1} of ${plan.steps.length}.`

export interface Judgement {
  readonly verdict: 'wait' | 'good' | 'bad'
  /** One sentence for a person. */
  readonly because: string
}

/** So many failures, and more than chance makes of those that are allowed, end a step before its time. */
const enoughErrors = 5
const beyondChance = (expected: number): number => expected + 3 * Math.sqrt(expected)
/** Below this difference a percentile says nothing: machines are noisy. */
const noiseSeconds = 0.01

/** Compares what both revisions did in this step. */
export function judge(canary: Tally, stable: Tally, plan: CanaryPlan, elapsedMs: number): Judgement {
  const errors = rate(canary)
  const allowed = rate(stable) + plan['max-errors']
  const tooManyErrors = `${errors.toFixed(1)} % of its ${canary.requests} calls failed; ${allowed.toFixed(1)} % are allowed.`
  const chance = beyondChance((canary.requests * allowed) / 100)
  if (canary.errors >= enoughErrors && canary.errors > chance) return { verdict: 'bad', because: tooManyErrors }
  const needed = plan['min-requests']
  const fewest = Math.min(canary.requests, stable.requests)
  if (fewest < needed)
    return { verdict: 'wait', because: `It waits for calls: it had ${fewest} of the ${needed} that a judgement needs.` }
  if (elapsedMs < (parseDuration(plan.every) ?? 0)) return { verdict: 'wait', because: `Its step lasts ${plan.every}.` }
  if (errors > allowed) return { verdict: 'bad', because: tooManyErrors }
  const [own, other] = [canary.percentile(0.95), stable.percentile(0.95)]
  const speed = `Its 95th percentile is ${own.toFixed(3)} s, the current revision's ${other.toFixed(3)} s`
  if (own > other * plan['max-p95'] + noiseSeconds) {
    return { verdict: 'bad', because: `${speed}; ${plan['max-p95']} times that is allowed.` }
  }
  return { verdict: 'good', because: `${errors.toFixed(1)} % of its ${canary.requests} calls failed. ${speed}.` }
}

const rate = ({ errors, requests }: Tally): number => (requests === 0 ? 0 : (100 * errors) / requests)
