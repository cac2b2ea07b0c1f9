import type { FleetParts } from './fleet-parts.ts'
import type { Policy } from './policy.ts'
import type { Revision } from './ports.ts'
import type { Member } from './replicas.ts'
import { welcome } from './welcome.ts'

/** One that was ready before has this long to say so again. */
const againMs = 2000

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
}

export interface ProbesListener {
  answered(member: Member): void
  silent(member: Member, error: unknown, again: boolean): void
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

  get count(): number {
    return this.#probes.size
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
    this.#probes.set(id, { member, stop, again })
    const asked = again ? this.#askAgain(member, stop.signal) : this.#welcome(member, stop.signal, patient)
    asked.then(
      () => this.#probes.delete(id) && this.#listener.answered(member),
      (error: unknown) => this.#probes.delete(id) && this.#listener.silent(member, error, again),
    )
  }

  #askAgain({ address }: Member, signal: AbortSignal): Promise<void> {
    const { protocol } = this.#policy
    return this.#parts.carrier.probe(address, { timeoutMs: againMs, signal, protocol })
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
