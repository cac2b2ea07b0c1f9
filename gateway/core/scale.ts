import { z } from 'zod'
import { Duration } from './unit-schemas.ts'
import { parseDuration } from './units.ts'

const Count = z.coerce.number().int().min(0)

export const scaleTypes = ['capacity', 'rps', 'cpu', 'queue'] as const
export type ScaleType = (typeof scaleTypes)[number]

const Target = z.coerce.number().positive()
const Proportion = z.coerce.number().gt(0).max(1)
const Percent = z.coerce.number().min(0).max(100)
const Window = Duration.refine((text) => (parseDuration(text) ?? 0) <= 300_000, 'use 5m at most')

/** How a function grows and shrinks. What is left out comes from the `com.openfaas.scale.*` labels, then from the defaults. */
export const Scale = z.strictObject({
  /** Replicas that always run. Default 0. */
  min: Count.optional(),
  /** Replicas at most. Default 5. */
  max: Count.min(1).optional(),
  /**
   * What it grows by: requests in flight (`capacity`), requests a second (`rps`), thousandths of a processor (`cpu`), or
   * asynchronous calls that wait or run (`queue`). Default capacity.
   */
  type: z.enum(scaleTypes).optional(),
  /** How much of that one replica should have; more of it starts another replica. Default 10 in flight, 50 of the others. */
  target: Target.optional(),
  /** The part of the target at which it grows already. Default 1. */
  'target-proportion': Proportion.optional(),
  /** It shrinks only to the most that was wanted within this time. Default 30s, at most 5m. */
  'down-window': Window.optional(),
  /** Percent of `max` that each alert at /system/alert adds; 0: none. Default 20. */
  factor: Percent.optional(),
  /** Requests in flight that one replica may have at most; more of them wait. Default 100. */
  concurrency: Count.min(1).optional(),
  /** Requests that may wait for a replica. Default 1000; one more is refused with `queue_full`. */
  waiting: Count.optional(),
  /** Time without a request after which the function goes to `min`. Default 5m. */
  'zero-duration': Duration.optional(),
  /** What happens to the last idle replica: `stop` frees its memory, `pause` keeps it and wakes it in milliseconds. Default stop. */
  idle: z.enum(['stop', 'pause']).optional(),
  /** Time that a replica has to become ready. Default 30s. */
  'start-timeout': Duration.optional(),
  /** Time that requests have to end in when their revision loses the traffic or is removed; then they are cut. Default 10m. */
  'drain-timeout': Duration.optional(),
})

export const scaleLabel = 'com.openfaas.scale.'

/** The scaling labels of OpenFaaS that have a meaning here; others are kept and ignored. */
const ScaleLabels = z.object({
  min: Count.optional(),
  max: Count.min(1).optional(),
  /** Types that are defined by a Prometheus query are kept, and have no effect. */
  type: z.string().optional(),
  target: Target.optional(),
  'target-proportion': Proportion.optional(),
  'down.window': Window.optional(),
  factor: Percent.optional(),
  zero: z.stringbool().optional(),
  'zero-duration': Duration.optional(),
})

/** What a function's labels ask for, or what is wrong with them. */
export function scaleLabelsOf(labels: Readonly<Record<string, string>>) {
  const own = Object.entries(labels).filter(([key]) => key.startsWith(scaleLabel))
  return ScaleLabels.safeParse(Object.fromEntries(own.map(([key, value]) => [key.slice(scaleLabel.length), value])))
}
