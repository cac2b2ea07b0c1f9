import type { FleetParts } from './fleet-parts.ts'
import { Leaving } from './leaving.ts'
import type { Policy } from './policy.ts'
import type { Replica, Revision } from './ports.ts'
import type { Member } from './replicas.ts'
import { Retirement } from './retirement.ts'
import { Sleeper } from './sleeper.ts'

interface DeparturesParts extends FleetParts {
  readonly revision: Revision
  readonly policy: Policy
  /** Replicas that are wanted. */
  readonly desired: () => number
  /** Replicas that are ready or will be. */
  readonly awake: () => number
  /** It could not be ended, and runs on. */
  readonly stays: (replica: Replica) => void
}

/** The ways out of a fleet: a replica finishes what it has, then it ends or goes to sleep; or another gateway decides. */
export class Departures {
  readonly sleeper: Sleeper
  /** Finish what they have in flight, then end. */
  readonly leaving = new Leaving()
  /** Closed by another gateway, which leads: they get no requests from here, and their end is not this gateway's to decide. */
  readonly shut = new Map<string, Replica>()
  readonly #ending: Retirement
  readonly #parts: DeparturesParts

  constructor(parts: DeparturesParts) {
    this.#parts = parts
    this.sleeper = new Sleeper(parts)
    this.#ending = new Retirement(parts.revision, parts)
  }

  /** Run, and are none of those that are wanted. */
  get extra(): number {
    return this.leaving.size + this.shut.size
  }

  /** Replicas that get no new requests and still have some in flight. */
  get held(): string[] {
    return this.leaving.members.filter(({ inFlight }) => inFlight > 0).map(({ replica }) => replica.id)
  }

  /** It ends already, or sleeps. */
  has(id: string): boolean {
    return this.#ending.has(id) || this.sleeper.has(id)
  }

  /** The member gets no new requests. */
  begin(member: Member): void {
    this.leaving.add(member)
    this.idle(member)
  }

  /** If it is leaving: it may have nothing in flight any more. */
  idle(member: Member): void {
    if (!this.leaving.has(member)) return
    const { replica } = member
    const { crew, policy, desired, awake } = this.#parts
    if (!this.#leads) {
      if (member.inFlight === 0 && this.leaving.delete(member)) this.shut.set(replica.id, replica)
      return crew.prompt()
    }
    if (!crew.close(replica.id, () => this.idle(member)) || member.inFlight > 0) return
    this.leaving.delete(member)
    const last = desired() === 0 && awake() === 0 && this.leaving.size === 0
    if (policy.idle === 'pause' && !member.outdated && last) void this.sleeper.put(replica, () => this.end(replica))
    else void this.end(replica)
  }

  /** `left`: where the place chooses which one ends, it is brought to so many. */
  async end(replica: Replica, left = this.#parts.desired()): Promise<void> {
    // If it still runs, it may as well serve until it is idle again.
    if (!(await this.#ending.end(replica, left))) this.#parts.stays(replica)
  }

  endSleepers(): void {
    for (const replica of this.sleeper.takeAll()) void this.end(replica)
  }

  /** Ends what has been leaving since that moment or longer, whatever it has in flight. */
  cut(moment: number): void {
    if (!this.#leads) return
    for (const { replica, inFlight } of this.leaving.takeOverdue(moment)) {
      this.#parts.log.warn('requests are cut: scale.drain-timeout is over', { replica: replica.id, requests: inFlight })
      void this.#ending.end(replica, this.#parts.desired(), 'at once')
    }
  }

  /** From now on this gateway leads. */
  lead(): void {
    for (const member of this.leaving.members) this.idle(member)
  }

  /** From now on another gateway leads, or none: what is not ready here waits for its word. */
  follow(): void {
    for (const replica of [...this.sleeper.takeAll(), ...this.#ending.takeAll()]) this.shut.set(replica.id, replica)
  }

  /** It has ended. */
  forget(id: string): void {
    this.#ending.forget(id)
    this.shut.delete(id)
    this.sleeper.drop(id)
  }

  get #leads(): boolean {
    return this.#parts.crew.role === 'leads'
  }
}
