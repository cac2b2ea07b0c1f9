import { setTimeout as sleep } from 'node:timers/promises'
import type { FleetParts } from './fleet-parts.ts'
import type { Policy } from './policy.ts'
import type { Revision } from './ports.ts'
import type { Member } from './replicas.ts'
import { welcome } from './welcome.ts'

/** One that was ready before has this long to say so again; then another one shall take its place. */
const againMs = 2000
/** After that it is asked for so long at a time, and within that ever less often. */
const lateMs = 10_000
const pauseMs = 500

interface Asking {
  /** It was ready before, and is asked again because it refused a connection. */
  readonly again: boolean
  /** Nobody waits for it. */
  readonly patient: boolean
}

interface Probe {
  readonly member: Member
  readonly stop: AbortController
  /** It was ready before, and is asked again because it refused a connection. */
  readonly again: boolean
  readonly since: number
  /** It was ready before, and has not answered in time. */
  isLate: boolean
}

export interface ProbesListener {
  answered(member: Member): void
  /** A new one did not get ready. */
  silent(member: Member, error: unknown): void
  /** One that was ready before does not answer. It is asked on: perhaps it is only the way to it that is broken. */
  late(): void
}

/** Replicas that run, and are asked whether they are ready. */
export class Probes {
  readonly #revision: Revision
  readonly #policy: Policy
  readonly #parts: FleetParts
  readonly #listener: ProbesListener
  readonly #probes = new Map<string, Probe>()

  constructor(revision: Revision, policy: Policy, parts: FleetParts, listener: ProbesListener) {
    this.#revision = revision
    this.#policy = policy
    this.#parts = parts
    this.#listener = listener
  }

  /** Those that may answer at any moment. */
  get count(): number {
    return this.#probes.size - this.late
  }

  /** Those that were ready before and seem lost. */
  get late(): number {
    return this.#late.length
  }

  /** Whether one that was ready before may still be so again: it has as long as one that starts. */
  get mayComeBack(): boolean {
    const since = performance.now() - this.#policy.startTimeoutMs
    return [...this.#probes.values()].some((probe) => probe.again && probe.since > since)
  }

  get members(): Member[] {
    return [...this.#probes.values()].map(({ member }) => member)
  }

  has(id: string): boolean {
    return this.#probes.has(id)
  }

  begin(member: Member, { again, patient }: Asking): void {
    const { id } = member.replica
    const stop = new AbortController()
    const probe = { member, stop, again, since: performance.now(), isLate: false }
    this.#probes.set(id, probe)
    const asked = again ? this.#askAgain(probe) : this.#welcome(member, stop.signal, patient)
    asked.then(
      () => this.#probes.delete(id) && this.#listener.answered(member),
      (error: unknown) => this.#probes.delete(id) && this.#listener.silent(member, error),
    )
  }

  /** Stops asking those that seem lost, but for so many. */
  takeLate(left: number): Member[] {
    const late = this.#late.slice(left).map(({ member }) => member)
    for (const { replica } of late) this.stop(replica.id)
    return late
  }

  get #late(): Probe[] {
    return [...this.#probes.values()].filter(({ isLate }) => isLate)
  }

  /** Until it answers: only who stops it rejects. */
  async #askAgain(probe: Probe): Promise<void> {
    const { address } = probe.member
    const { signal } = probe.stop
    const { protocol } = this.#policy
    for (let timeoutMs = againMs; ; timeoutMs = lateMs) {
      try {
        return await this.#parts.carrier.probe(address, { timeoutMs, signal, protocol })
      } catch (error) {
        if (signal.aborted) throw error
      }
      const isNews = !probe.isLate
      probe.isLate = true
      if (isNews) this.#listener.late()
      await sleep(pauseMs, undefined, { signal })
    }
  }

  #welcome({ replica }: Member, signal: AbortSignal, patient: boolean): Promise<void> {
    const { startTimeoutMs, protocol, warm } = this.#policy
    const leads = this.#parts.crew.role === 'leads'
    const whom = { revision: this.#revision, replica, warm: leads ? warm : undefined }
    return welcome(this.#parts, whom, { timeoutMs: startTimeoutMs, signal, patient, protocol })
  }

  /** Asks it no more; undefined if it was not being asked. */
  stop(id: string): { readonly again: boolean } | undefined {
    const probe = this.#probes.get(id)
    this.#probes.delete(id)
    probe?.stop.abort()
    return probe
  }

  close(): void {
    for (const id of this.#probes.keys()) this.stop(id)
  }
}
