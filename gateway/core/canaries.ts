import { type CanaryState, judge } from './canary.ts'
import { asSkepError } from './errors.ts'
import type { DeployedFunction } from './function.ts'
import type { Log } from './ports.ts'
import type { Pool } from './pool.ts'
import { Tally, type TallyCounts } from './tally.ts'
import type { Traffic } from './traffic.ts'

interface Step {
  readonly state: CanaryState
  readonly since: number
}

/** Takes the canaries from step to step, by what their calls and those of the current revisions came to. */
export class Canaries {
  readonly #traffic: Traffic
  readonly #log: Log
  readonly #elsewhere: (revision: string, of: string) => TallyCounts[]
  readonly #steps = new Map<DeployedFunction, Step>()
  /** A step that is being taken is not judged. */
  readonly #moving = new Set<DeployedFunction>()

  /** `elsewhere`: what other gateways counted. */
  constructor(traffic: Traffic, log: Log, elsewhere: (revision: string, of: string) => TallyCounts[]) {
    this.#traffic = traffic
    this.#elsewhere = elsewhere
    this.#log = log
  }

  /** Every gateway counts; the one that leads judges. */
  tick(functions: readonly DeployedFunction[], now: number, leads: boolean): void {
    for (const found of functions.filter((other) => !this.#moving.has(other))) {
      if (found.canary && this.#counts(found, found.canary, now) && leads) this.#look(found, found.canary, now)
    }
    for (const found of this.#steps.keys()) if (!found.canary) this.#forget(found)
  }

  /** Whether the calls of this step are being counted already. */
  #counts(found: DeployedFunction, state: CanaryState, now: number): boolean {
    const pools = [found.revision(state.revision), found.revision(state.stable)]
    if (this.#steps.get(found)?.state === state && pools.every(({ tally }) => tally)) return true
    // A new step, or a new gateway: what counts is what happens from now on.
    for (const pool of pools) pool.tally = new Tally(`${state.revision}/${state.step}`)
    this.#steps.set(found, { state, since: now })
    return false
  }

  #look(found: DeployedFunction, state: CanaryState, now: number): void {
    const [canary, stable] = [state.revision, state.stable].map((number) => this.#sum(found.revision(number)))
    const since = this.#steps.get(found)?.since ?? now
    if (!canary || !stable) return
    const { verdict, because } = judge(canary, stable, state.plan, now - since)
    if (verdict === 'wait') found.canaryNote = { revision: state.revision, text: because }
    else void this.#move(found, state, { good: verdict === 'good', because })
  }

  /** Its calls through all gateways. */
  #sum({ revision, tally }: Pool): Tally | undefined {
    return tally?.with(this.#elsewhere(revision.id, tally.of))
  }

  async #move(found: DeployedFunction, state: CanaryState, judged: { good: boolean; because: string }): Promise<void> {
    this.#moving.add(found)
    const { revision, stable, plan, step } = state
    const next = judged.good ? plan.steps[step + 1] : undefined
    try {
      const last = judged.good ? revision : stable
      if (!(await this.#traffic.advance(found, state, next === undefined ? last : { ...state, step: step + 1 }))) return
      found.canaryNote = { revision, text: sentence(state, next, judged) }
      this.#log.info('canary', { function: found.key, decision: found.canaryNote.text })
    } catch (error) {
      this.#log.warn('canary could not move', { function: found.key, error: asSkepError(error).message })
    } finally {
      this.#moving.delete(found)
    }
  }

  #forget(found: DeployedFunction): void {
    this.#steps.delete(found)
    for (const pool of found.pools) pool.tally = undefined
  }
}

function sentence(
  { revision }: CanaryState,
  next: number | undefined,
  judged: { good: boolean; because: string },
): string {
  if (!judged.good) return `Revision ${revision} was rolled back: ${judged.because}`
  const what = next === undefined ? 'was promoted' : `gets ${next} % of the traffic`
  return `Revision ${revision} ${what}: ${judged.because}`
}
