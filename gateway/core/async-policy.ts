import { z } from 'zod'
import { Duration } from './unit-schemas.ts'
import { parseDuration } from './units.ts'

const Count = z.coerce.number().int().min(1)
const Status = z.coerce.number().int().min(100).max(599)
/** `hello` or `hello.other`, as functions are addressed. */
const Address = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,125}[a-z0-9])?$/, 'not a function’s name')

/** How a function's asynchronous calls run. What is left out comes from `com.openfaas.retry.*`, then from the defaults. */
export const AsyncSpec = z.strictObject({
  /** How often a call is tried before it goes to the dead letters. Default 3. */
  attempts: Count.optional(),
  /** Statuses after which it is tried again. Default 408, 429, 500, 502, 503, 504. */
  codes: z.array(Status).optional(),
  /** Longest wait before the second try; it doubles with each further one. The wait is random, up to that. Default 1s. */
  'min-wait': Duration.optional(),
  /** Longest wait before any try. Default 2m. */
  'max-wait': Duration.optional(),
  /** Time after which a call is not tried again. Default 6h. */
  'max-age': Duration.optional(),
  /** Calls that run at a time, all gateways together. Default: what `scale` makes room for, target × max. */
  concurrency: Count.optional(),
  /** How long the answer of a done call can be fetched. Default 1h. */
  keep: Duration.optional(),
  /** A function that is called with each answer. */
  'on-success': Address.optional(),
  /** A function that is called with each request that went to the dead letters. */
  'on-failure': Address.optional(),
})
export type AsyncSpec = z.infer<typeof AsyncSpec>

export const retryAnnotation = 'com.openfaas.retry.'

const RetryAnnotations = z.object({
  attempts: Count.optional(),
  codes: z
    .string()
    .regex(/^ *[1-5]\d\d( *, *[1-5]\d\d)* *$/, 'use statuses such as 429,502')
    .transform((text) => text.split(',').map(Number))
    .optional(),
  min_wait: Duration.optional(),
  max_wait: Duration.optional(),
})

/** What a function's annotations ask for, or what is wrong with them. */
export function retryAnnotationsOf(annotations: Readonly<Record<string, string>>) {
  const own = Object.entries(annotations).filter(([key]) => key.startsWith(retryAnnotation))
  return RetryAnnotations.safeParse(
    Object.fromEntries(own.map(([key, value]) => [key.slice(retryAnnotation.length), value])),
  )
}

export interface AsyncPolicy {
  readonly attempts: number
  readonly codes: ReadonlySet<number>
  readonly minWaitMs: number
  readonly maxWaitMs: number
  readonly maxAgeMs: number
  readonly concurrency: number
  readonly keepMs: number
  readonly onSuccess: string | undefined
  readonly onFailure: string | undefined
}

interface AsyncSource {
  readonly async: AsyncSpec
  readonly annotations: Readonly<Record<string, string>>
}

/** `room`: the calls that the function has room for when it is scaled out. */
export function asyncPolicyOf(spec: AsyncSource, room: number): AsyncPolicy {
  const wanted = spec.async
  const annotated = retryAnnotationsOf(spec.annotations).data ?? {}
  const minWaitMs = milliseconds(wanted['min-wait'] ?? annotated.min_wait, 1000)
  return {
    attempts: wanted.attempts ?? annotated.attempts ?? 3,
    codes: new Set(wanted.codes ?? annotated.codes ?? [408, 429, 500, 502, 503, 504]),
    minWaitMs,
    maxWaitMs: Math.max(milliseconds(wanted['max-wait'] ?? annotated.max_wait, 120_000), minWaitMs),
    maxAgeMs: milliseconds(wanted['max-age'], 6 * 3_600_000),
    concurrency: wanted.concurrency ?? Math.max(Math.ceil(room), 1),
    keepMs: milliseconds(wanted.keep, 3_600_000),
    onSuccess: wanted['on-success'],
    onFailure: wanted['on-failure'],
  }
}

const milliseconds = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : (parseDuration(text) ?? otherwise)
