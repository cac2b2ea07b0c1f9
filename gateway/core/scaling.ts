import type { ScalePolicy } from './scale-policy.ts'

/** How the load of one revision went lately, as the pool measures it. */
export interface Load {
  /** The demand, averaged over about two seconds. */
  readonly average: number
  /** The most replicas that the load asked for within the down window. */
  readonly peakReplicas: number
  /** Since the last request ended; 0 while one is in flight or waiting. */
  readonly idleForMs: number
}

type Limits = Pick<ScalePolicy, 'minReplicas' | 'maxReplicas' | 'target' | 'idleMs' | 'downWindowMs'>

/** How many replicas this average load asks for, without regard to limits. */
export function neededReplicas(average: number, policy: Limits): number {
  return Math.ceil(average / policy.target - 0.001)
}

/**
 * How many replicas there should be. `current` counts those that are starting; `floor` is what an operator asked for by hand,
 * which holds until the function is idle.
 */
export function wantedReplicas(load: Load, policy: Limits, current: number, floor = 0): number {
  if (load.idleForMs >= policy.idleMs) return policy.minReplicas
  const needed = neededReplicas(load.average, policy)
  const kept = Math.min(current, Math.max(load.peakReplicas, 1))
  const wanted = Math.max(needed, kept, policy.minReplicas, floor)
  // A cold function stays cold until someone calls it: only a waiting caller starts the first replica.
  if (current === 0) return Math.max(policy.minReplicas, floor)
  return Math.min(wanted, policy.maxReplicas)
}

/** Samples the load at every tick and remembers what `wantedReplicas` needs. */
export class LoadMeter {
  #average = 0
  #peaks: { at: number; replicas: number }[] = []
  #lastUsedAt: number
  readonly #policy: Limits

  constructor(policy: Limits, now: number) {
    this.#policy = policy
    this.#lastUsedAt = now
  }

  /** Call it about twice a second. While there is something to do `lastUsedAt` is now. */
  sample(demand: number, lastUsedAt: number, now: number): Load {
    this.#average += (demand - this.#average) / 4
    if (this.#average < 0.01) this.#average = 0
    this.#lastUsedAt = Math.max(this.#lastUsedAt, lastUsedAt)
    const needed = neededReplicas(this.#average, this.#policy)
    this.#peaks = this.#peaks.filter(({ at, replicas }) => at > now - this.#policy.downWindowMs && replicas > needed)
    this.#peaks.push({ at: now, replicas: needed })
    return {
      average: this.#average,
      peakReplicas: this.#peaks[0]?.replicas ?? 0,
      idleForMs: now - this.#lastUsedAt,
    }
  }
}
