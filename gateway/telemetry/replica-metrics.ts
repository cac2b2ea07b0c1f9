import { Counter, Gauge, type Registry } from 'prom-client'
import type { ReplicaUsage } from '../core/ports.ts'
import { functionNameOf } from './function-name.ts'

/** What one replica of a function has used. */
export interface ReplicaUsageRow extends ReplicaUsage {
  readonly function: string
  readonly replica: string
}

/** In the names that dashboards for OpenFaaS have for pods. Returns how both are brought up to date. */
export function replicaMetrics(registry: Registry): (rows: readonly ReplicaUsageRow[]) => void {
  const labels = { labelNames: ['function_name', 'pod_name'], registers: [registry] }
  const cpu = new Counter({
    ...labels,
    name: 'pod_cpu_usage_seconds_total',
    help: 'Processor time that a replica has used.',
  })
  const memory = new Gauge({
    ...labels,
    name: 'pod_memory_working_set_bytes',
    help: 'Memory that a replica uses.',
  })
  return (rows) => {
    cpu.reset()
    memory.reset()
    for (const { function: key, replica, cpuSeconds, memoryBytes } of rows) {
      const names = { function_name: functionNameOf(key), pod_name: replica }
      cpu.inc(names, cpuSeconds)
      memory.set(names, memoryBytes)
    }
  }
}
