import { Convergence } from './convergence.ts'
import { Departures } from './departures.ts'
import { diedAtStart } from './died-at-start.ts'
import { type SkepError, asSkepError } from './errors.ts'
import type { FleetListener, FleetParts } from './fleet-parts.ts'
import type { Policy } from './policy.ts'
import type { Replica, ReplicaEvent, Revision } from './ports.ts'
import { Probes } from './probes.ts'
import { Member, onMachineOf } from './replicas.ts'
import { Restarts } from './restarts.ts'

/** The life of a revision's replicas: started, asked until they are ready, let go or put to sleep, replaced when they die. */
export class Fleet {
  readonly revision: Revision
  readonly #policy: Policy
  readonly #parts: FleetParts
  readonly #listener: FleetListener
  readonly restarts: Restarts
  /** Replicas that are started again whatever happens. */
  minReplicas: number
  /** Nobody waits for those that start now. */
  patient = false
  #ready: Member[] = []
  readonly #starting: Probes
  #waking = 0
  readonly departures: Departures
  #desired = 0
  readonly #convergence: Convergence
  #closed = false

  constructor(revision: Revision, policy: Policy, parts: FleetParts, listener: FleetListener) {
    this.revision = revision
    this.#policy = policy
    this.minReplicas = policy.minReplicas
    this.#parts = parts
    this.#listener = listener
    this.departures = new Departures({
      ...parts,
      ...{ revision, policy },
      desired: () => this.#desired,
      awake: () => this.#awake,
      stays: (replica) => this.adopt(replica),
    })
    this.#starting = new Probes(revision, policy, parts, {
      answered: (member) => this.#join(member),
      silent: (member, error) => this.#silent(member, error),
      late: () => this.#retryLater(),
    })
    this.restarts = new Restarts(policy.service)
    this.#convergence = new Convergence({
      isShort: () => !this.#closed && this.#awake < this.#desired,
      wanted: () => this.#desired,
      apply: (wanted) => parts.provider.scale(revision, wanted + this.departures.extra + this.#starting.late),
    })
  }

  /** May be leased. */
  get ready(): readonly Member[] {
    return this.#ready
  }

  get desired(): number {
    return this.#leads ? this.#desired : this.#awake
  }

  /** Replicas that would answer now, or after a wake-up of milliseconds. */
  get available(): number {
    return this.#ready.length + this.departures.sleeper.count
  }

  /** One that was ready and does not answer may do so again. */
  get mayComeBack(): boolean {
    return this.#starting.mayComeBack
  }

  /** Brings the fleet to this many replicas: wakes, takes back, starts; or lets the idlest go. Who does not lead says that callers wait. */
  want(replicas: number): void {
    if (this.#closed) return
    const { crew } = this.#parts
    if (crew.role === 'follows') return crew.prompt()
    this.#desired = this.#leads ? replicas : Math.max(replicas, this.#awake)
    if (this.#leads) this.#takeBack()
    while (this.#awake < replicas && this.departures.sleeper.count > 0) void this.#wake()
    this.#shrink()
    void this.#convergence.run((failure) => (failure ? this.#startFailed(failure) : this.#shrink()))
  }

  notice(event: ReplicaEvent): void {
    if (event.type === 'up') this.adopt(event.replica)
    else this.#forget(event.id, event.reason)
  }

  /** Takes in a replica, whoever started it. */
  adopt(replica: Replica): void {
    const { id, paused } = replica
    if (this.#closed || this.#knows(id)) return
    const { sleeper, shut } = this.departures
    // What another gateway that led before had begun to end is ended.
    if (shut.delete(id) && this.#leads && !paused) return void this.departures.end(replica)
    if (!this.#leads && (paused || this.#parts.crew.isShut(id))) return void shut.set(id, replica)
    if (paused) return sleeper.take(replica)
    this.#parts.carrier.forget(replica.address) // another replica may have had it
    this.#probe(this.#memberOf(replica), false)
    if (this.#convergence.isRunning) return
    this.#desired = Math.max(this.#desired, Math.min(this.#awake, this.#policy.maxReplicas))
  }

  /**
   * The member took no connection: no more requests to it until it answers again, or ends. The others on its machine
   * are asked as well: if that is gone, each of them would cost another caller a second to find out.
   */
  doubt(member: Member): void {
    if (!this.#ready.includes(member)) return
    const { id, node } = member.replica
    this.#parts.log.warn('replica does not answer', { revision: this.revision.id, replica: id, node })
    for (const suspect of onMachineOf(member, this.#ready)) this.#probe(suspect, true)
  }

  /** The member was not ready when it said so: it starts still. The carrier knows when to ask it again. */
  early(member: Member): void {
    if (this.#ready.includes(member)) this.#probe(member, false)
  }

  /** The member takes no further call, or is of no use for this reason, though it runs: it is ended and replaced. */
  dismiss(member: Member, reason?: string): void {
    if (!this.#ready.includes(member)) return
    this.#drop(member)
    const { id, revision } = member.replica
    if (!this.#leads) return this.#parts.crew.tell({ kind: 'spent', revision, replica: id })
    if (reason !== undefined) this.restarts.ended(reason)
    void this.departures.end(member.replica, this.#awake).then(() => this.#retryLater())
  }

  /** Others have come for these: they finish what they have, and so many replicas stay. */
  outdate(members: readonly Member[], left: number): void {
    for (const member of members) {
      member.outdated = true
      if (this.#ready.includes(member)) this.#letGo(member)
    }
    this.want(left)
  }

  /** From now on this gateway leads, and goes on from what there is. */
  lead(): void {
    this.#desired = this.#awake + this.#starting.late
    this.departures.lead()
    this.#retryLater()
  }

  /** From now on another gateway leads, or none: what is not ready here waits for its word. */
  follow(): void {
    this.restarts.cancel()
    this.departures.follow()
  }

  /** The one that leads has closed replicas, or opened them again. */
  heed(): void {
    const { crew } = this.#parts
    const { leaving, shut } = this.departures
    for (const member of this.#ready) if (crew.isShut(member.replica.id)) this.#letGo(member)
    for (const member of this.#starting.members) {
      if (crew.isShut(member.replica.id) && this.#starting.stop(member.replica.id)) this.#letGo(member)
    }
    for (const member of leaving.members) if (!crew.isShut(member.replica.id)) this.#keep(member)
    for (const [id, replica] of shut) {
      if (!crew.isShut(id) && shut.delete(id)) this.adopt({ ...replica, paused: false })
    }
  }

  close(): void {
    this.#closed = true
    this.restarts.cancel()
    this.#starting.close()
  }

  get #leads(): boolean {
    return this.#parts.crew.role === 'leads'
  }

  get #awake(): number {
    return this.#ready.length + this.#starting.count + this.#waking
  }

  #knows(id: string): boolean {
    const member = this.#find(id) !== undefined
    return member || this.#starting.has(id) || this.departures.has(id)
  }

  #find(id: string): Member | undefined {
    return [...this.#ready, ...this.departures.leaving.members].find(({ replica }) => replica.id === id)
  }

  #drop(member: Member): void {
    this.#ready = this.#ready.filter((other) => other !== member)
  }

  #memberOf(replica: Replica): Member {
    return new Member(replica, (member) => this.#listener.released(member))
  }

  #join(member: Member): void {
    if (this.#closed) return
    this.restarts.started()
    this.#ready = [...this.#ready, member]
    if (this.#leads) this.#parts.crew.tell({ kind: 'ready', replica: member.replica })
    this.#listener.changed()
    this.#shrink()
  }

  #probe(member: Member, again: boolean): void {
    this.#drop(member)
    this.#starting.begin(member, { again, patient: this.patient })
  }

  #silent(member: Member, error: unknown): void {
    if (this.#closed) return
    // Whoever leads ends it, if it is no better there.
    if (!this.#leads) return this.#probe(member, true)
    void this.departures.end(member.replica)
    this.#startFailed(asSkepError(error))
  }

  #takeBack(): void {
    for (const member of this.departures.leaving.members) {
      if (this.#awake >= this.#desired) return
      if (member.outdated) continue
      this.#parts.crew.open(member.replica.id)
      this.#keep(member)
    }
  }

  #keep(member: Member): void {
    this.departures.leaving.delete(member)
    this.#ready = [...this.#ready, member]
    this.#listener.changed()
  }

  #letGo(member: Member): void {
    this.#drop(member)
    this.departures.begin(member)
  }

  #shrink(): void {
    if (this.#closed || !this.#leads) return
    const surplus = this.#ready.length - this.#desired
    // One that seems lost ends only when another has taken its place: perhaps none can be started now.
    for (const { replica } of this.#starting.takeLate(Math.max(-surplus, 0))) void this.departures.end(replica)
    if (this.#awake < this.#desired) return
    const idlest = [...this.#ready].sort((a, b) => a.inFlight - b.inFlight).slice(0, Math.max(surplus, 0))
    for (const member of idlest) this.#letGo(member)
    this.#convergence.reached(this.#desired)
  }

  async #wake(): Promise<void> {
    this.#waking++
    const replica = await this.departures.sleeper.wake()
    this.#waking--
    if (replica) this.#join(this.#memberOf(replica))
    else this.#retryLater()
  }

  /** A replica ended. One that nobody let go is replaced; one that never got ready is a failed start. */
  #forget(id: string, reason: string): void {
    this.#convergence.doubt()
    this.departures.forget(id)
    const probe = this.#starting.stop(id)
    if (probe) {
      if (!this.#leads) return
      if (!probe.again) return this.#startFailed(diedAtStart(this.revision.function, reason))
      this.restarts.ended(reason)
      return this.#retryLater()
    }
    const member = this.#find(id)
    if (member === undefined) return
    this.#parts.carrier.forget(member.address)
    if (this.departures.leaving.delete(member)) return
    this.#drop(member)
    this.restarts.ended(reason)
    this.#parts.log.warn('replica ended', { revision: this.revision.id, replica: id, reason })
    this.#retryLater()
  }

  #startFailed(error: SkepError): void {
    if (this.#closed) return
    this.#parts.log.warn('start failed', { revision: this.revision.id, error: error.message, detail: error.detail })
    this.restarts.ended(error.message)
    this.#desired = Math.max(this.#awake + this.#starting.late, this.minReplicas)
    this.#listener.startFailed(error)
    this.#retryLater()
  }

  /** Replaces what is missing: the first time at once, in a crash loop ever later. */
  #retryLater(): void {
    this.#convergence.doubt()
    if (this.#closed || !this.#leads || this.#awake >= this.#desired) return this.restarts.cancel()
    const delayMs = this.restarts.schedule(() => this.want(this.#desired))
    if (this.restarts.isHeld) this.#parts.log.warn('service held', { revision: this.revision.id, retryMs: delayMs })
  }
}
