import type { ReplicaUsage } from '../../core/ports.ts'
import { privateBytesOf, sessions } from './proc.ts'
import type { Running } from './records.ts'

/** The kernel counts time in hundredths of a second for everybody who asks. */
const ticksPerSecond = 100

/** What a replica has used, with all that it started and that did not flee from its session. */
export function usageOf({ pid }: Running): ReplicaUsage {
  const members = sessions().get(pid) ?? []
  return {
    cpuSeconds: members.reduce((sum, { cpuTicks }) => sum + cpuTicks, 0) / ticksPerSecond,
    memoryBytes: members.reduce((sum, member) => sum + privateBytesOf(member.pid), 0),
  }
}
