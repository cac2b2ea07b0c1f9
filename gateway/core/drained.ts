import type { Fleet } from './fleet.ts'
import type { FleetParts } from './fleet-parts.ts'
import type { Watchers } from './watchers.ts'

interface DrainingPool {
  readonly fleet: Fleet
  readonly crew: FleetParts['crew']
  readonly watchers: Watchers
  /** Whether anything is in flight here, or anybody waits, here or at another gateway. */
  readonly isWanted: () => boolean
}

/** Resolves when the pool has nothing more to do, at the latest when `signal` aborts. For who leads, nor have the others. */
export async function drained({ fleet, crew, watchers, isWanted }: DrainingPool, signal: AbortSignal): Promise<void> {
  const stop = (): void => watchers.tell()
  signal.addEventListener('abort', stop)
  for (;;) {
    while (isWanted() && !signal.aborted) await watchers.next()
    if (crew.role === 'leads' && !signal.aborted) await Promise.race([freed(fleet, crew), aborted(signal)])
    if (!isWanted() || signal.aborted) break
    // For callers who stood in line at another gateway before it heard that the replicas are closed.
    for (const { replica } of fleet.ready) crew.open(replica.id)
  }
  signal.removeEventListener('abort', stop)
}

/** Resolves when the others send nothing to any replica and have nothing in flight there. */
async function freed({ ready, departures }: Fleet, crew: FleetParts['crew']): Promise<void> {
  await Promise.all([...ready, ...departures.leaving.members].map(({ replica }) => crew.freed(replica.id)))
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
