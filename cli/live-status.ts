import { defaultNamespace, functionKey } from '../gateway/core/names.ts'
import type { FunctionStatus } from './gateway-api.ts'
import type { GatewayClient } from './gateway-client.ts'
import { bodyOf } from './http-request.ts'
import { samplesOf, type Sample } from './prometheus-text.ts'

/** What a gateway says of its functions at one moment. */
export interface Moment {
  /** The gateway's. */
  readonly url: string
  readonly atMs: number
  readonly functions: readonly FunctionStatus[]
  readonly samples: readonly Sample[]
}

/** One function between two moments. What nobody called in that time has no errors and no duration. */
export interface LiveStatus {
  readonly name: string
  readonly replicas: number
  readonly availableReplicas: number
  readonly inFlight: number
  readonly waiting: number
  readonly perSecond: number
  readonly errorPercent?: number
  readonly p95Ms?: number
}

export interface Watched {
  /** One function; all of them when left out. */
  readonly name: string | undefined
  readonly namespace: string | undefined
}

export async function momentOf(gateway: GatewayClient, { name, namespace }: Watched): Promise<Moment> {
  const found =
    name === undefined ? gateway.list(namespace) : gateway.describe(name, namespace).then((status) => [status])
  const [functions, text] = await Promise.all([found, gateway.ask('/metrics', {}).then(bodyOf)])
  return { url: gateway.url, atMs: performance.now(), functions, samples: samplesOf(text) }
}

export function statusBetween(before: Moment, after: Moment): LiveStatus[] {
  const seconds = Math.max((after.atMs - before.atMs) / 1000, 0.001)
  return after.functions.map((status) => {
    const { name, namespace = defaultNamespace, replicas = 0, availableReplicas = 0 } = status
    const isOwn = ({ labels }: Sample) => labels['function_name'] === `${name}.${namespace}`
    const [old, now] = [before.samples.filter(isOwn), after.samples.filter(isOwn)]
    const calls = grown(old, now, 'gateway_function_invocation_total')
    const failed = sum(calls.filter(({ labels }) => Number(labels['code']) >= 500))
    const p95 = percentile(grown(old, now, 'gateway_functions_seconds_bucket'), 0.95)
    return {
      ...{ name: functionKey({ name, namespace }), replicas, availableReplicas },
      inFlight: sum(named(now, 'gateway_invocation_function_invocation_inflight')),
      waiting: sum(named(now, 'skep_waiting')),
      perSecond: sum(calls) / seconds,
      ...(sum(calls) > 0 && { errorPercent: (100 * failed) / sum(calls) }),
      ...(p95 !== undefined && { p95Ms: p95 * 1000 }),
    }
  })
}

const named = (samples: readonly Sample[], name: string) => samples.filter((sample) => sample.name === name)

const sum = (samples: readonly Sample[]) => samples.reduce((all, { value }) => all + value, 0)

/** By how much each counter grew; not at all when another gateway answered, or one that has begun anew. */
function grown(old: readonly Sample[], now: readonly Sample[], name: string): Sample[] {
  const keyOf = ({ labels }: Sample) => JSON.stringify(labels)
  const before = new Map(named(old, name).map((sample) => [keyOf(sample), sample.value]))
  return named(now, name).map((sample) => {
    return { ...sample, value: Math.max(0, sample.value - (before.get(keyOf(sample)) ?? 0)) }
  })
}

/** The upper bound of the bucket that this part of all calls lies below; the highest known one when it is beyond. */
function percentile(buckets: readonly Sample[], part: number): number | undefined {
  const byBound = new Map<number, number>()
  for (const { labels, value } of buckets) {
    const bound = labels['le'] === '+Inf' ? Infinity : Number(labels['le'])
    byBound.set(bound, (byBound.get(bound) ?? 0) + value)
  }
  const sorted = [...byBound].toSorted(([one], [other]) => one - other)
  const all = sorted.at(-1)?.[1] ?? 0
  if (all === 0) return undefined
  const found = sorted.find(([, count]) => count >= part * all)?.[0]
  return found === Infinity ? sorted.at(-2)?.[0] : found
}
