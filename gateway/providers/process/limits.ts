import type { FunctionSpec } from '../../core/spec.ts'
import { parseSize } from '../../core/units.ts'
import { privateBytesOf, type Sessions } from './proc.ts'
import type { Running } from './records.ts'

/** The same as in the docker provider. */
const defaultMemory = '512Mi'
const defaultPids = 256

/**
 * Which limit the replica has passed, as a clause; undefined if none. Without `all`, only its first process is looked
 * at, which is a hundred times cheaper. This is a watch and no wall: a replica is over its limit until it is seen.
 */
export function overstepped({ pid, revision: { spec } }: Running, all?: Sessions): string | undefined {
  const members = all?.get(pid) ?? []
  const pids = all ? members.map((member) => member.pid) : [pid]
  const bytes = pids.reduce((sum, each) => sum + privateBytesOf(each), 0)
  if (bytes > (parseSize(memoryOf(spec)) ?? Infinity)) return `it used more than its ${memoryOf(spec)} of memory`
  const threads = members.reduce((sum, member) => sum + member.threads, 0)
  const most = spec.limits.pids ?? defaultPids
  if (threads > most) return `it had more than its ${most} processes and threads`
  return undefined
}

const memoryOf = ({ limits }: FunctionSpec): string => limits.memory ?? defaultMemory
