import { SkepError } from './errors.ts'
import type { Fleet } from './fleet.ts'
import type { FleetParts } from './fleet-parts.ts'
import { leadMoved } from './lead-moved.ts'
import type { Policy } from './policy.ts'
import { renew } from './renewal.ts'
import type { Watchers } from './watchers.ts'

/** A replica that is late says itself why, a little later. */
const graceMs = 5000
/** How many more replicas a deploy starts at the same time. */
const startsAtOnce = 4

interface StartsParts {
  readonly fleet: Fleet
  readonly crew: Pick<FleetParts['crew'], 'role'>
  readonly policy: Policy
  readonly watchers: Watchers
  /** The function counts as used: nobody lets go of its replicas. */
  readonly touch: () => void
}

/** Starts that somebody asked for and waits for: of a deploy, of a rollback, of a secret’s new value. */
export class Starts {
  readonly #parts: StartsParts
  #running = 0

  constructor(parts: StartsParts) {
    this.#parts = parts
  }

  /** Nobody calls yet, and yet the replicas are wanted. */
  get areRunning(): boolean {
    return this.#running > 0
  }

  /** Resolves when that many replicas, or the minimum, or at least one are ready; rejects when one cannot start. */
  async start(wished: number): Promise<void> {
    const { fleet, policy } = this.#parts
    const replicas = Math.min(Math.max(wished, policy.minReplicas, 1), policy.maxReplicas)
    this.#running++
    fleet.patient = true
    try {
      // One shows whether it starts at all; many at once would make each other late on a slow machine.
      for (let step = 1; step < replicas; step += startsAtOnce) await this.#reach(step)
      await this.#reach(replicas)
    } finally {
      this.#running--
      fleet.patient = this.areRunning
    }
  }

  /** Fresh replicas take the place of those that run, without a gap. */
  async renew(): Promise<void> {
    this.#running++
    try {
      await renew(this.#parts.fleet, (replicas) => this.#reach(replicas))
    } finally {
      this.#running--
    }
  }

  async #reach(replicas: number): Promise<void> {
    const { fleet, crew, policy, watchers, touch } = this.#parts
    touch()
    fleet.want(Math.max(replicas, fleet.desired))
    const timer = setTimeout(() => watchers.tell(tooFew(fleet, policy, replicas)), policy.startTimeoutMs + graceMs)
    try {
      while (fleet.ready.length < replicas) {
        // The one that leads by now ends what nobody but this one knows of.
        if (crew.role === 'follows') throw leadMoved()
        const failure = await watchers.next()
        if (failure) throw crew.role === 'leads' ? failure : leadMoved()
      }
    } finally {
      touch()
      clearTimeout(timer)
    }
  }
}

/** `start_timeout`: fewer replicas than that are ready, and it took too long. */
export function tooFew({ ready, revision }: Fleet, policy: Policy, wanted: number): SkepError {
  const name = revision.function
  const who = ready.length === 0 ? name : `Only ${ready.length} of ${wanted} replicas of ${name}`
  const how = ready.length === 0 ? 'did not get ready' : 'got ready'
  return new SkepError('start_timeout', `${who} ${how} within ${policy.startTimeoutMs / 1000} s.`, {
    hint: 'Look at its logs, or raise scale.start-timeout.',
  })
}
