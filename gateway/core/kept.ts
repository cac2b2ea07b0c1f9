import type { DeployedFunction } from './function.ts'
import type { Pool } from './pool.ts'
import type { Share } from './revision.ts'

/**
 * Who stays when the traffic goes that way: those with a share of it or with copies of it, and so many of the others, the newest
 * first and canaries that came to nothing last.
 */
export function keptBy(found: DeployedFunction, shares: readonly Share[], others: number): Pool[] {
  const needed = new Set([...shares.map(({ revision }) => revision), found.mirror?.plan.revision])
  const isNeeded = ({ revision }: Pool): boolean => needed.has(revision.number)
  const byWorth = found.pools
    .filter((pool) => !isNeeded(pool))
    .toSorted((one, other) => Number(found.isGood(other)) - Number(found.isGood(one)))
  return [...found.pools.filter(isNeeded), ...byWorth.slice(0, others)]
}
