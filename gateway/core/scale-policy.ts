import { scaleLabelsOf, type ScaleType, scaleTypes } from './scale.ts'
import type { FunctionSpec } from './spec.ts'
import { parseDuration } from './units.ts'

/** Requests in flight that one replica should have. */
export const inFlightTarget = 10

/** What scaling goes by, read once per revision. */
export interface ScalePolicy {
  readonly minReplicas: number
  readonly maxReplicas: number
  readonly type: ScaleType
  /** What one replica should have of it. */
  readonly target: number
  /** Percent of `maxReplicas` that an alert adds. */
  readonly factor: number
  readonly idleMs: number
  readonly downWindowMs: number
}

/** A burst is often followed by another, so fewer replicas are wanted only after the load was lower for this long. */
const downWindowMs = 30_000

/**
 * The `scale` section first, then the OpenFaaS labels, then the defaults. `com.openfaas.scale.zero: "false"` keeps one
 * replica, and a target that no type is given with is one of requests a second at nine tenths of it: as its users expect.
 */
export function scalePolicyOf(
  spec: Pick<FunctionSpec, 'scale' | 'labels' | 'service'>,
  ownTarget: number,
): ScalePolicy {
  const { scale } = spec
  const labels = scaleLabelsOf(spec.labels).data ?? {}
  const asked = scale.min ?? (labels.zero === true ? 0 : (labels.min ?? (labels.zero === false ? 1 : 0)))
  const minReplicas = Math.max(asked, spec.service ? 1 : 0)
  const isTheirs =
    scale.type === undefined && scale.target === undefined && (labels.type ?? labels.target) !== undefined
  const type = scale.type ?? scaleTypes.find((known) => known === labels.type) ?? typeWithout(labels.type, isTheirs)
  const target = scale.target ?? labels.target ?? (type === 'capacity' && !isTheirs ? ownTarget : 50)
  const proportion = scale['target-proportion'] ?? labels['target-proportion'] ?? (isTheirs ? 0.9 : 1)
  return {
    minReplicas,
    maxReplicas: Math.max(scale.max ?? labels.max ?? 5, minReplicas, 1),
    type,
    target: target * proportion,
    factor: scale.factor ?? labels.factor ?? 20,
    idleMs: milliseconds(scale['zero-duration'] ?? labels['zero-duration'], 300_000),
    downWindowMs: milliseconds(scale['down-window'] ?? labels['down.window'], downWindowMs),
  }
}

const typeWithout = (label: string | undefined, isTheirs: boolean): ScaleType =>
  isTheirs && label === undefined ? 'rps' : 'capacity'

const milliseconds = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : (parseDuration(text) ?? otherwise)
