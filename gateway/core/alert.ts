import type { ScalePolicy } from './scale-policy.ts'

/**
 * How many replicas an alert of Prometheus asks for: each that fires adds `factor` percent of the maximum, one that is
 * resolved goes back to the minimum. Undefined: none other than now.
 */
export function replicasAfterAlert(
  status: 'firing' | 'resolved',
  current: number,
  { factor, minReplicas, maxReplicas }: Pick<ScalePolicy, 'factor' | 'minReplicas' | 'maxReplicas'>,
): number | undefined {
  const least = Math.max(minReplicas, 1)
  if (factor === 0 || least >= maxReplicas) return undefined
  if (status === 'resolved') return least
  return Math.min(Math.max(current, least) + Math.ceil((maxReplicas * factor) / 100), maxReplicas)
}
