import type { ReplicaUsage } from '../../core/ports.ts'
import { type Engine, unlessMissing } from './client.ts'

/** What a container has used; undefined when it is gone. */
export async function usageOf(engine: Engine, container: string): Promise<ReplicaUsage | undefined> {
  // One look, and no second one a second later for the engine's own difference.
  const asked = engine.ask((docker) => docker.getContainer(container).stats({ stream: false, 'one-shot': true }))
  const stats = await unlessMissing(asked)
  if (!stats) return undefined
  const { usage, stats: details } = stats.memory_stats
  // What the kernel keeps of files for as long as nobody needs the memory is not the function's.
  const cached = details?.inactive_file ?? details?.total_inactive_file ?? 0
  // A container that just ends has no numbers any more, whatever their types say.
  const memoryBytes = Math.max(0, (Number(usage) || 0) - cached)
  return { cpuSeconds: stats.cpu_stats.cpu_usage.total_usage / 1e9, memoryBytes }
}
