import { diedAtStart } from './died-at-start.ts'
import { type SkepError, asSkepError } from './errors.ts'
import { Leaving } from './leaving.ts'
import type { Policy } from './policy.ts'
import type { Carrier, Log, Provider, Replica, ReplicaEvent, Revision } from './ports.ts'
import { Member } from './replicas.ts'
import { Restarts } from './restarts.ts'
import { Sleeper } from './sleeper.ts'
import { welcome } from './welcome.ts'

export interface FleetParts {
  readonly provider: Provider
  readonly carrier: Carrier
  readonly log: Log
}

/** What the fleet tells its pool. */
export interface FleetListener {
  released(member: Member): void
  /** There are other ready members than before. */
  changed(): void
  startFailed(error: SkepError): void
}

interface Probe {
  readonly stop: AbortController
  /** It was ready before, and is asked again because it refused a connection. */
  readonly again: boolean
}

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
  /** Run, and are asked whether they are ready. */
  readonly #starting = new Map<string, Probe>()
  #waking = 0
  /** Finish what they have in flight, then end. */
  readonly #leaving = new Leaving()
  /** The provider was asked to end them. */
  readonly #ending = new Set<string>()
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
    this.#sleeper = new Sleeper(parts.provider)
    this.restarts = new Restarts(policy.service)
  }

  /** May be leased. */
  get ready(): readonly Member[] {
    return this.#ready
  }

  get desired(): number {
    return this.#desired
  }

  /** Replicas that would answer now, or after a wake-up of milliseconds. */
  get available(): number {
    return this.#ready.length + this.#sleeper.count
  }

  /** Brings the fleet to this many replicas: wakes, takes back, starts; or lets the idlest go. */
  want(replicas: number): void {
    if (this.#closed) return
    this.#desired = replicas
    this.#takeBack()
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
    if (this.#closed || this.#knows(replica.id)) return
    if (replica.paused) return this.#sleeper.take(replica)
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
    if (!this.#leaving.delete(member)) return
    const last = this.#desired === 0 && this.#awake === 0 && this.#leaving.size === 0
    if (this.#policy.idle === 'pause' && !member.outdated && last && this.#sleeper.canSleep)
      void this.#sleep(member.replica)
    else void this.#end(member.replica)
  }

  /** Ends what has been leaving since that moment or longer, whatever it has in flight. */
  cut(moment: number): void {
    for (const { replica, inFlight } of this.#leaving.takeOverdue(moment)) {
      this.#parts.log.warn('requests are cut: scale.drain-timeout is over', { replica: replica.id, requests: inFlight })
      void this.#end(replica)
    }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#retryTimer)
    for (const { stop } of this.#starting.values()) stop.abort()
    this.#starting.clear()
  }

  get #awake(): number {
    return this.#ready.length + this.#starting.size + this.#waking
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
      const done = this.#parts.provider.scale(this.revision, wanted + this.#leaving.size)
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
    const stop = new AbortController()
    this.#starting.set(replica.id, { stop, again })
    const { patient, revision } = this
    const { protocol, warm } = this.#policy
    const how = { timeoutMs, signal: stop.signal, patient, protocol }
    const ready = again
      ? this.#parts.carrier.probe(replica.address, how)
      : welcome(this.#parts, { revision, replica, warm }, how)
    ready.then(
      () => this.#starting.delete(replica.id) && this.#join(member),
      (error: unknown) => {
        if (!this.#starting.delete(replica.id)) return
        void this.#end(replica)
        if (again) this.#retryLater()
        else this.#startFailed(asSkepError(error))
      },
    )
  }

  #takeBack(): void {
    for (const member of this.#leaving.members) {
      if (this.#awake >= this.#desired) return
      if (member.outdated) continue
      this.#leaving.delete(member)
      this.#ready = [...this.#ready, member]
      this.#listener.changed()
    }
  }

  #shrink(): void {
    if (this.#closed || this.#awake < this.#desired) return
    const surplus = this.#awake - this.#desired
    const idlest = [...this.#ready].sort((a, b) => a.inFlight - b.inFlight).slice(0, surplus)
    for (const member of idlest) this.#letGo(member)
    this.#applied = this.#desired
  }

  #letGo(member: Member): void {
    this.#drop(member)
    this.#leaving.add(member)
    if (member.inFlight === 0) this.idle(member)
  }

  async #sleep(replica: Replica): Promise<void> {
    try {
      await this.#sleeper.put(replica)
    } catch (error) {
      this.#sleeper.drop(replica.id)
      this.#parts.log.warn('replica could not be paused', { replica: replica.id, error: asSkepError(error).message })
      await this.#end(replica)
    }
  }

  async #wake(): Promise<void> {
    this.#waking++
    try {
      const replica = await this.#sleeper.wake()
      this.#waking--
      if (replica) this.#join(this.#memberOf(replica))
    } catch (error) {
      this.#waking--
      const { message } = asSkepError(error)
      this.#parts.log.warn('replica could not be woken', { revision: this.revision.id, error: message })
      this.#retryLater()
    }
  }

  /** `left`: where the place chooses which one ends, it is brought to so many. */
  async #end(replica: Replica, left = this.#desired): Promise<void> {
    const { provider, carrier, log } = this.#parts
    this.#ending.add(replica.id)
    carrier.forget(replica.address)
    try {
      if (provider.retire) await provider.retire(replica)
      else await provider.scale(this.revision, left)
    } catch (error) {
      this.#ending.delete(replica.id)
      log.warn('replica could not be ended', { replica: replica.id, error: asSkepError(error).message })
      this.adopt(replica) // it still runs, so it may as well serve until it is idle again
    }
  }

  /** A replica ended. One that nobody let go is replaced; one that never got ready is a failed start. */
  #forget(id: string, reason: string): void {
    this.#applied = NaN
    this.#ending.delete(id)
    this.#sleeper.drop(id)
    const probe = this.#starting.get(id)
    if (probe) {
      this.#starting.delete(id)
      probe.stop.abort()
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
    if (this.#closed || this.#awake >= this.#desired) return
    const delayMs = this.restarts.delayMs()
    if (this.restarts.isHeld) this.#parts.log.warn('service held', { revision: this.revision.id, retryMs: delayMs })
    this.#retryTimer = setTimeout(() => this.want(this.#desired), delayMs)
  }
}
