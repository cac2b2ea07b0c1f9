import { z } from 'zod'
import { Duration } from './unit-schemas.ts'
import { parseDuration } from './units.ts'

const Command = z.array(z.string()).min(1)

const MonitorOptions = z.strictObject({
  command: Command,
  /** Default 30s. */
  every: Duration.optional(),
  /** Longer counts as failed. Default 10s. */
  timeout: Duration.optional(),
  /** So many in a row end the replica. Default 3. */
  failures: z.coerce.number().int().min(1).optional(),
})

/** A command inside the replica that says by its exit code whether the program is well: 0 is yes. */
export const Monitor = z.union([Command, MonitorOptions], 'use [command, argument …] or { command, every, failures }')
export type Monitor = z.infer<typeof Monitor>

/** How a replica is watched by its own command. */
export interface MonitorPolicy {
  readonly command: readonly string[]
  readonly everyMs: number
  readonly timeoutMs: number
  readonly failures: number
}

export function monitorPolicyOf(monitor: Monitor): MonitorPolicy {
  const { command, every, timeout, failures = 3 } = Array.isArray(monitor) ? { command: monitor } : monitor
  return {
    command,
    everyMs: parseDuration(every ?? '30s') ?? 0,
    timeoutMs: parseDuration(timeout ?? '10s') ?? 0,
    failures,
  }
}
