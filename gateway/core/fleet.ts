import { diedAtStart } from './died-at-start.ts'
import { type SkepError, asSkepError } from './errors.ts'
import type { FleetListener, FleetParts } from './fleet-parts.ts'
import { Leaving } from './leaving.ts'
import type { Policy } from './policy.ts'
import type { Replica, ReplicaEvent, Revision } from './ports.ts'
import { Probes } from './probes.ts'
import { Member } from './replicas.ts'
import { Restarts } from './restarts.ts'
import { Retirement } from './retirement.ts'
import { Sleeper } from './sleeper.ts'
import { welcome } from './welcome.ts'

/** The life of a revision's replicas: started, asked until they are ready, let go or put to sleep, replaced when they die. */
export class Fleet {
  readonly revision: Revision
  readonly #policy: Policy
  readonly #parts: FleetParts
  readonly #listener: FleetListener
  readonly #sleeper: Sleeper
  readonly restarts: Restarts
  /** Replicas that are started again whatever happens. */
  minReplicas: number
  /** Nobody waits for those that start now. */
  patient = false
  #ready: Member[] = []
  readonly #starting: Probes
  #waking = 0
  /** Finish what they have in flight, then end. */
  readonly #leaving = new Leaving()
  readonly #ending: Retirement
  /** Closed by another gateway, which leads: they get no requests from here, and their end is not this gateway's to decide. */
  readonly #shut = new Map<string, Replica>()
  #desired = 0
  /** What the provider was last brought to; NaN when that no longer holds. */
  #applied = 0
  #converging = false
  #retryTimer: NodeJS.Timeout | undefined
  #closed = false

  constructor(revision: Revision, policy: Policy, parts: FleetParts, listener: FleetListener) {
    this.revision = revision
    this.#policy = policy
    this.minReplicas = policy.minReplicas
    this.#parts = parts
    this.#listener = listener
    this.#sleeper = new Sleeper(parts)
    this.#ending = new Retirement(revision, parts)
    this.#starting = new Probes({
      answered: (member) => this.#join(member),
      silent: (member, error, again) => this.#silent(member, error, again),
    })
    this.restarts = new Restarts(policy.service)
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
    return this.#ready.length + this.#sleeper.count
  }

  /** Replicas that get no new requests and still have some in flight. */
  get held(): string[] {
    return this.#leaving.members.filter(({ inFlight }) => inFlight > 0).map(({ replica }) => replica.id)
  }

  /** Brings the fleet to this many replicas: wakes, takes back, starts; or lets the idlest go. Who does not lead says that callers wait. */
  want(replicas: number): void {
    if (this.#closed) return
    const { crew } = this.#parts
    if (crew.role === 'follows') return crew.prompt()
    this.#desired = this.#leads ? replicas : Math.max(replicas, this.#awake)
    if (this.#leads) this.#takeBack()
    while (this.#awake < replicas && this.#sleeper.count > 0) void this.#wake()
    this.#shrink()
    void this.#converge()
  }

  notice(event: ReplicaEvent): void {
    if (event.type === 'up') this.adopt(event.replica)
    else this.#forget(event.id, event.reason)
  }

  /** Takes in a replica, whoever started it. */
  adopt(replica: Replica): void {
    const { id, paused } = replica
    if (this.#closed || this.#knows(id)) return
    // What another gateway that led before had begun to end is ended.
    if (this.#shut.delete(id) && this.#leads && !paused) return void this.#end(replica)
    if (!this.#leads && (paused || this.#parts.crew.isShut(id))) return void this.#shut.set(id, replica)
    if (paused) return this.#sleeper.take(replica)
    this.#parts.carrier.forget(replica.address) // another replica may have had it
    this.#probe(this.#memberOf(replica), this.#policy.startTimeoutMs, false)
    if (this.#converging) return
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
    for (const suspect of this.#ready) {
      if (suspect !== member && (node === undefined || suspect.replica.node !== node)) continue
      this.#probe(suspect, 2000, true)
    }
  }

  /** The member was not ready when it said so: it starts still. The carrier knows when to ask it again. */
  early(member: Member): void {
    if (this.#ready.includes(member)) this.#probe(member, this.#policy.startTimeoutMs, false)
  }

  /** The member takes no further call, or is of no use for this reason, though it runs: it is ended and replaced. */
  dismiss(member: Member, reason?: string): void {
    if (!this.#ready.includes(member)) return
    this.#drop(member)
    const { id, revision } = member.replica
    if (!this.#leads) return this.#parts.crew.tell({ kind: 'spent', revision, replica: id })
    if (reason !== undefined) this.restarts.ended(reason)
    void this.#end(member.replica, this.#awake).then(() => this.#retryLater())
  }

  /** Others have come for these: they finish what they have, and so many replicas stay. */
  outdate(members: readonly Member[], left: number): void {
    for (const member of members) {
      member.outdated = true
      if (this.#ready.includes(member)) this.#letGo(member)
    }
    this.want(left)
  }

  endSleepers(): void {
    for (const replica of this.#sleeper.takeAll()) void this.#end(replica)
  }

  /** The member has nothing in flight any more. */
  idle(member: Member): void {
    if (!this.#leaving.has(member)) return
    const { replica } = member
    const { crew } = this.#parts
    if (!this.#leads) {
      if (member.inFlight === 0 && this.#leaving.delete(member)) this.#shut.set(replica.id, replica)
      return crew.prompt()
    }
    if (!crew.close(replica.id, () => this.idle(member)) || member.inFlight > 0) return
    this.#leaving.delete(member)
    const last = this.#desired === 0 && this.#awake === 0 && this.#leaving.size === 0
    if (this.#policy.idle === 'pause' && !member.outdated && last)
      void this.#sleeper.put(replica, () => this.#end(replica))
    else void this.#end(replica)
  }

  /** From now on this gateway leads, and goes on from what there is. */
  lead(): void {
    this.#desired = this.#awake
    this.#applied = NaN
    for (const member of this.#leaving.members) this.idle(member)
  }

  /** From now on another gateway leads, or none: what is not ready here waits for its word. */
  follow(): void {
    clearTimeout(this.#retryTimer)
    for (const replica of [...this.#sleeper.takeAll(), ...this.#ending.takeAll()]) this.#shut.set(replica.id, replica)
  }

  /** The one that leads has closed replicas, or opened them again. */
  heed(): void {
    const { crew } = this.#parts
    for (const member of this.#ready) if (crew.isShut(member.replica.id)) this.#letGo(member)
    for (const member of this.#starting.members) {
      if (crew.isShut(member.replica.id) && this.#starting.stop(member.replica.id)) this.#letGo(member)
    }
    for (const member of this.#leaving.members) if (!crew.isShut(member.replica.id)) this.#keep(member)
    for (const [id, replica] of this.#shut) {
      if (!crew.isShut(id) && this.#shut.delete(id)) this.adopt({ ...replica, paused: false })
    }
  }

  /** Resolves when the others send nothing to any replica and have nothing in flight there. */
  async freed(): Promise<void> {
    const { crew } = this.#parts
    await Promise.all([...this.#ready, ...this.#leaving.members].map(({ replica }) => crew.freed(replica.id)))
  }

  /** Ends what has been leaving since that moment or longer, whatever it has in flight. */
  cut(moment: number): void {
    if (!this.#leads) return
    for (const { replica, inFlight } of this.#leaving.takeOverdue(moment)) {
      this.#parts.log.warn('requests are cut: scale.drain-timeout is over', { replica: replica.id, requests: inFlight })
      void this.#ending.end(replica, this.#desired, 'at once')
    }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#retryTimer)
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
    return member || this.#starting.has(id) || this.#ending.has(id) || this.#sleeper.has(id)
  }

  #find(id: string): Member | undefined {
    return [...this.#ready, ...this.#leaving.members].find(({ replica }) => replica.id === id)
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

  /** Brings the provider to what is wanted, and looks again when it is there: wishes change meanwhile. */
  async #converge(): Promise<void> {
    if (this.#converging) return
    this.#converging = true
    let failure: SkepError | undefined
    while (!failure && !this.#closed && this.#applied !== this.#desired && this.#awake < this.#desired) {
      const wanted = this.#desired
      // Said before it is done: a replica that ends meanwhile makes it untrue.
      this.#applied = wanted
      const done = this.#parts.provider.scale(this.revision, wanted + this.#leaving.size + this.#shut.size)
      failure = await done.then(() => undefined, asSkepError)
    }
    // Set in the same breath as the last look: a wish in between would be lost.
    this.#converging = false
    if (failure) this.#startFailed(failure)
    else this.#shrink()
  }

  #probe(member: Member, timeoutMs: number, again: boolean): void {
    const { replica } = member
    this.#drop(member)
    const { patient, revision } = this
    const { protocol, warm } = this.#policy
    this.#starting.begin(member, again, (signal) => {
      const how = { timeoutMs, signal, patient, protocol }
      if (again) return this.#parts.carrier.probe(replica.address, how)
      return welcome(this.#parts, { revision, replica, warm: this.#leads ? warm : undefined }, how)
    })
  }

  #silent(member: Member, error: unknown, again: boolean): void {
    if (this.#closed) return
    // Whoever leads ends it, if it is no better there.
    if (!this.#leads) return this.#probe(member, 2000, true)
    void this.#end(member.replica)
    if (again) this.#retryLater()
    else this.#startFailed(asSkepError(error))
  }

  #takeBack(): void {
    for (const member of this.#leaving.members) {
      if (this.#awake >= this.#desired) return
      if (member.outdated) continue
      this.#parts.crew.open(member.replica.id)
      this.#keep(member)
    }
  }

  #keep(member: Member): void {
    this.#leaving.delete(member)
    this.#ready = [...this.#ready, member]
    this.#listener.changed()
  }

  #letGo(member: Member): void {
    this.#drop(member)
    this.#leaving.add(member)
    this.idle(member)
  }

  #shrink(): void {
    if (this.#closed || !this.#leads || this.#awake < this.#desired) return
    const surplus = this.#awake - this.#desired
    const idlest = [...this.#ready].sort((a, b) => a.inFlight - b.inFlight).slice(0, surplus)
    for (const member of idlest) this.#letGo(member)
    this.#applied = this.#desired
  }

  async #wake(): Promise<void> {
    this.#waking++
    const replica = await this.#sleeper.wake()
    this.#waking--
    if (replica) this.#join(this.#memberOf(replica))
    else this.#retryLater()
  }

  /** `left`: where the place chooses which one ends, it is brought to so many. */
  async #end(replica: Replica, left = this.#desired): Promise<void> {
    // If it still runs, it may as well serve until it is idle again.
    if (!(await this.#ending.end(replica, left))) this.adopt(replica)
  }

  /** A replica ended. One that nobody let go is replaced; one that never got ready is a failed start. */
  #forget(id: string, reason: string): void {
    this.#applied = NaN
    this.#ending.forget(id)
    this.#shut.delete(id)
    this.#sleeper.drop(id)
    this.#parts.crew.open(id)
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
    if (this.#leaving.delete(member)) return
    this.#drop(member)
    this.restarts.ended(reason)
    this.#parts.log.warn('replica ended', { revision: this.revision.id, replica: id, reason })
    this.#retryLater()
  }

  #startFailed(error: SkepError): void {
    if (this.#closed) return
    this.#parts.log.warn('start failed', { revision: this.revision.id, error: error.message, detail: error.detail })
    this.restarts.ended(error.message)
    this.#desired = Math.max(this.#awake, this.minReplicas)
    this.#listener.startFailed(error)
    this.#retryLater()
  }

  /** Replaces what is missing: the first time at once, in a crash loop ever later. */
  #retryLater(): void {
    this.#applied = NaN
    clearTimeout(this.#retryTimer)
    if (this.#closed || !this.#leads || this.#awake >= this.#desired) return
    const delayMs = this.restarts.delayMs()
    if (this.restarts.isHeld) this.#parts.log.warn('service held', { revision: this.revision.id, retryMs: delayMs })
    this.#retryTimer = setTimeout(() => this.want(this.#desired), delayMs)
  }
}
