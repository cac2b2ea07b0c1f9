import type { Crew } from './crew.ts'
import type { SkepError } from './errors.ts'
import type { Carrier } from './carrier.ts'
import type { Log, Provider } from './ports.ts'
import type { Member } from './replicas.ts'

export interface FleetParts {
  readonly provider: Provider
  readonly carrier: Carrier
  readonly log: Log
  readonly crew: Pick<Crew, 'role' | 'isShut' | 'close' | 'freed' | 'open' | 'gone' | 'prompt' | 'tell' | 'elsewhere'>
}

/** What the fleet tells its pool. */
export interface FleetListener {
  released(member: Member): void
  /** There are other ready members than before. */
  changed(): void
  startFailed(error: SkepError): void
}
