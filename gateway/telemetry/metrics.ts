import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { FunctionLoad, Observer } from '../core/ports.ts'
import type { Queue } from '../core/queue.ts'
import { CallCounts, type Tally } from './call-counts.ts'
import { callHistogram } from './call-histogram.ts'
import { functionNameOf } from './function-name.ts'
import { type ApiRequest, httpMetrics } from './http-metrics.ts'
import { addMirrorCounter } from './mirror-counter.ts'
import { queueMetrics } from './queue-metrics.ts'
import { replicaMetrics, type ReplicaUsageRow } from './replica-metrics.ts'

export interface MetricsSources {
  readonly loads: () => FunctionLoad[]
  readonly depth: Queue['depth']
  /** What replicas have used, where that is known. */
  readonly usages: () => Promise<ReplicaUsageRow[]>
}

interface Metrics {
  readonly observer: Observer
  readonly onRequest: (request: ApiRequest) => void
  /** All of them, in Prometheus' text format. */
  readonly scrape: () => Promise<string>
}

const labelsOf = (tally: Tally) => ({ function_name: functionNameOf(tally.function), code: String(tally.status) })

/** Counts in the names that OpenFaaS dashboards use, and in Skep's own where they have none. */
export function metrics({ loads, depth, usages }: MetricsSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counts = new CallCounts()
  new Counter({
    name: 'gateway_function_invocation_started',
    help: 'Invocations that began.',
    labelNames: ['function_name'],
    registers,
    collect() {
      this.reset()
      for (const [key, count] of counts.started) this.inc({ function_name: functionNameOf(key) }, count)
    },
  })
  new Counter({
    name: 'gateway_function_invocation_total',
    help: 'Invocations that ended, by status code.',
    labelNames: ['function_name', 'code'],
    registers,
    collect() {
      this.reset()
      for (const tally of counts.answered()) this.inc(labelsOf(tally), tally.count)
    },
  })
  const coldStarts = new Histogram({
    name: 'skep_cold_start_seconds',
    help: 'Time that the first caller of a cold function waited for a ready replica.',
    labelNames: ['function_name'],
    buckets: [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30],
    registers,
  })
  for (const gauge of gauges) addGauge(gauge, loads, registry)
  addMirrorCounter(loads, registry)
  const showDepth = queueMetrics(registry)
  const showUsages = replicaMetrics(registry)
  const observer: Observer = {
    started: (key) => counts.start(key),
    answered: (key, status, seconds) => counts.answer(key, status, seconds),
    coldStart: (key, seconds) => coldStarts.observe({ function_name: functionNameOf(key) }, seconds),
  }
  const scrape = async (): Promise<string> => {
    // What is away has no numbers; all others are wanted all the more.
    const [queued, used] = await Promise.all([depth().catch(() => undefined), usages().catch(() => [])])
    showDepth(queued)
    showUsages(used)
    return `${await registry.metrics()}\n${callHistogram(counts, labelsOf)}`
  }
  return { observer, onRequest: httpMetrics(registry), scrape }
}

interface GaugeRow {
  readonly name: string
  readonly help: string
  readonly value: (load: FunctionLoad) => number
}

const gauges: readonly GaugeRow[] = [
  { name: 'gateway_service_count', help: 'Replicas that are wanted.', value: (load) => load.desired },
  { name: 'gateway_service_ready_count', help: 'Replicas that answer.', value: (load) => load.available },
  {
    name: 'gateway_invocation_function_invocation_inflight',
    help: 'Requests in flight.',
    value: (load) => load.inFlight,
  },
  { name: 'gateway_service_min', help: 'Replicas that always run.', value: (load) => load.minReplicas },
  { name: 'gateway_service_target', help: 'What one replica should have at most.', value: (load) => load.target },
  { name: 'skep_waiting', help: 'Callers that wait for a replica.', value: (load) => load.waiting },
]

function addGauge({ name, help, value }: GaugeRow, loads: () => FunctionLoad[], registry: Registry): void {
  new Gauge({
    name,
    help,
    labelNames: ['function_name'],
    registers: [registry],
    collect() {
      this.reset()
      for (const load of loads()) this.set({ function_name: functionNameOf(load.key) }, value(load))
    },
  })
}
