import type { Fleet } from './fleet.ts'

/** How many replicas are renewed at the same time. */
const atOnce = 4

/**
 * Fresh replicas take the place of those that run, without a gap, because something has changed that is read at the start.
 * `reach` resolves when so many are ready. If that fails, those that are left go on.
 */
export async function renew(fleet: Fleet, reach: (replicas: number) => Promise<void>): Promise<void> {
  fleet.departures.endSleepers()
  if (fleet.desired === 0) return
  await reach(fleet.desired) // those that start at this moment may have read the old value
  const old = fleet.ready
  for (let at = 0; at < old.length && fleet.desired > 0; at += atOnce) {
    const next = old.slice(at, at + atOnce)
    await reach(old.length + next.length)
    fleet.outdate(next, old.length)
  }
}
