import { drained } from './drained.ts'
import { SkepError } from './errors.ts'
import { Fleet } from './fleet.ts'
import type { FleetParts } from './fleet-parts.ts'
import { Line, type Waiter } from './line.ts'
import type { Policy } from './policy.ts'
import type { Replica, ReplicaEvent, Revision } from './ports.ts'
import { failureOf, type RevisionLoad } from './peer-messages.ts'
import { leastBusy, type Lease, type Member } from './replicas.ts'
import type { Restarts } from './restarts.ts'
import type { Tally } from './tally.ts'
import { wantedReplicas } from './scaling.ts'
import { Sizing } from './sizing.ts'
import { Starts, tooFew } from './starts.ts'
import { Watchers } from './watchers.ts'

export interface PoolParts extends FleetParts {
  /** A caller waited for a first replica this long. */
  readonly coldStart: (seconds: number) => void
}

/** What was used within this time is told to the other gateways: more than once, because one of the messages may get lost. */
const recentMs = 5000

/** Who may use a revision's replicas: gives leases, lets callers wait in line, and sizes the fleet by the load. */
export class Pool {
  readonly revision: Revision
  readonly policy: Policy
  /** Set while somebody wants to know how its calls go. */
  tally: Tally | undefined
  readonly #fleet: Fleet
  readonly #line: Line<Lease>
  readonly #sizing: Sizing
  readonly #watchers = new Watchers()
  readonly #starts: Starts
  readonly #coldStart: (seconds: number) => void
  readonly #crew: PoolParts['crew']
  #inFlight = 0
  /** What an operator asked for by hand; holds until the function is idle. */
  #floor = 0
  /** No function has it yet: what there shall be of it is said by the deploy that makes it. */
  #isNew = true
  /** Since when it has no traffic, if it has none. */
  #passiveSince: number | undefined

  constructor(revision: Revision, policy: Policy, parts: PoolParts) {
    this.revision = revision
    this.policy = policy
    this.#coldStart = parts.coldStart
    this.#crew = parts.crew
    this.#line = new Line(policy.waiting, () => this.#tooLate())
    this.#sizing = new Sizing(policy)
    this.#fleet = new Fleet(revision, policy, parts, {
      released: (member) => this.#released(member),
      changed: () => this.#serve(),
      startFailed: (error) => this.#startFailed(error),
    })
    const touch = (): void => this.#sizing.touch()
    this.#starts = new Starts({ fleet: this.#fleet, crew: parts.crew, policy, watchers: this.#watchers, touch })
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get waiting(): number {
    return this.#line.length
  }

  /** Replicas that an operator asked for by hand. */
  get floor(): number {
    return this.#floor
  }

  set floor(replicas: number) {
    this.#floor = replicas
  }

  /** Replicas that get no new requests and still have some in flight from here. */
  get held(): string[] {
    return this.#fleet.departures.held
  }

  get desired(): number {
    return this.#fleet.desired
  }

  get available(): number {
    return this.#fleet.available
  }

  get ready(): readonly Member[] {
    return this.#fleet.ready
  }

  get restarts(): Restarts {
    return this.#fleet.restarts
  }

  get replicas(): Replica[] {
    return this.#fleet.ready.map(({ replica }) => replica)
  }

  /** How much there is of what the function grows by, where the pool does not see it itself. */
  set signal(amount: number | undefined) {
    this.#sizing.demand.signal = amount
  }

  /** A lease on the ready replica with the fewest requests in flight, or undefined: then `wait`. */
  tryLease(): Member | undefined {
    const member = leastBusy(this.#fleet.ready, this.policy.concurrency)
    if (member === undefined) return undefined
    member.inFlight++
    this.#inFlight++
    this.#sizing.demand.served++
    return member
  }

  /** Waits in line for a lease; one shared start runs when there is no replica. */
  wait(waiter: Waiter<Lease>): void {
    const { startTimeoutMs, timeoutMs } = this.policy
    const cold = this.#fleet.ready.length === 0
    this.#line.join(waiter, cold ? startTimeoutMs : Math.max(timeoutMs, startTimeoutMs))
    if (!cold) return
    this.#sizing.coldSince ??= performance.now()
    this.#fleet.want(Math.max(this.#fleet.desired, 1))
  }

  leave(waiter: Waiter<Lease>): void {
    this.#line.leave(waiter)
  }

  doubt(member: Member): void {
    this.#fleet.doubt(member)
  }

  early(member: Member): void {
    this.#fleet.early(member)
  }

  dismiss(member: Member, reason?: string): void {
    this.#fleet.dismiss(member, reason)
  }

  /** Another gateway has found out that it takes no further call. */
  dismissed(replica: string): void {
    const member = this.#fleet.ready.find((ready) => ready.replica.id === replica)
    if (member && this.#crew.role === 'leads') this.#fleet.dismiss(member)
  }

  notice(event: ReplicaEvent): void {
    this.#fleet.notice(event)
  }

  adopt(replica: Replica): void {
    this.#fleet.adopt(replica)
  }

  /** What other gateways should know of the load here; undefined when there was none lately. */
  load(now: number): RevisionLoad | undefined {
    const idleForMs = this.#inFlight + this.#line.length > 0 ? 0 : now - this.#sizing.lastUsedAt
    if (idleForMs > recentMs) return undefined
    // A signal is that of the whole place: whoever leads has it.
    const isOwn = this.policy.type === 'capacity' || this.policy.type === 'rps'
    const settling = this.#sizing.isSettling(now)
    return { demand: isOwn ? this.#sizing.asked : 0, waiting: this.#line.length, idleForMs, settling }
  }

  /** Callers of another gateway wait for a first replica. */
  wanted(): void {
    if (this.#fleet.ready.length === 0 && this.#fleet.desired === 0) this.#fleet.want(1)
  }

  /** From now on this gateway leads, or another one. */
  setLeads(leads: boolean): void {
    if (leads) this.#fleet.lead()
    else this.#fleet.follow()
    this.#watchers.tell() // a start that somebody waits for may be another's now
    if (!leads) return
    if (this.#line.length > 0 && this.#fleet.ready.length === 0) this.#fleet.want(Math.max(this.#fleet.desired, 1))
  }

  /** The one that leads has closed replicas, or opened them again. */
  heed(): void {
    this.#fleet.heed()
  }

  /** The one that leads could not start any. */
  refuse(error: SkepError): void {
    if (this.#fleet.ready.length > 0 || this.#fleet.mayComeBack) return
    this.#sizing.coldSince = undefined
    this.#line.refuseAll(error)
  }

  /** Brings the fleet to this many replicas and keeps them until the function is idle. */
  hold(replicas: number): void {
    this.#floor = replicas
    this.#sizing.touch()
    this.#fleet.want(replicas)
  }

  /** A pool without traffic keeps no minimum and lets go at once; it still serves who asks for its revision. */
  setActive(active: boolean): void {
    this.#isNew = false
    if (active === (this.#passiveSince === undefined)) return
    this.#passiveSince = active ? undefined : performance.now()
    this.#fleet.minReplicas = active ? this.policy.minReplicas : 0
    if (active) return
    this.#floor = 0
    if (this.#line.length === 0) this.#fleet.want(0)
  }

  /** Resolves when that many replicas, or the minimum, or at least one are ready; rejects when one cannot start. */
  start(wished: number): Promise<void> {
    return this.#starts.start(wished)
  }

  /** Fresh replicas take the place of those that run, without a gap. */
  renew(): Promise<void> {
    return this.#starts.renew()
  }

  /** Twice a second: looks at the load and decides. */
  tick(now: number): void {
    this.#cutOverdue(now)
    const { role } = this.#crew
    const busy = this.#inFlight + this.#line.length
    const load = this.#sizing.sample(busy, this.#crew.elsewhere(this.revision.id), now)
    if (this.#watchers.any) this.#watchers.tell() // what others wait for or hold may be other by now
    if (this.#isNew || this.#starts.areRunning || role === 'follows') return
    const { minReplicas, desired } = this.#fleet
    const wanted = wantedReplicas(load, { ...this.policy, minReplicas }, desired, this.#floor)
    if (load.idleForMs >= this.policy.idleMs) this.#floor = 0
    if (role === 'leads' ? wanted !== desired : wanted > desired) this.#fleet.want(wanted)
  }

  /** What began before the traffic went elsewhere has its time to end; scaling alone never cuts anything. */
  #cutOverdue(now: number): void {
    const moment = now - this.policy.drainTimeoutMs
    if (this.#passiveSince !== undefined && this.#passiveSince <= moment) this.#fleet.departures.cut(moment)
  }

  /** Resolves when nothing is in flight and nobody waits, at the latest when `signal` aborts. For who leads, nor with the others. */
  drained(signal: AbortSignal): Promise<void> {
    const isWanted = (): boolean =>
      this.#inFlight + this.#line.length + this.#crew.elsewhere(this.revision.id).waiting > 0
    return drained({ fleet: this.#fleet, crew: this.#crew, watchers: this.#watchers, isWanted }, signal)
  }

  /** Those who wait are sent away. The replicas go on: the provider, or the next gateway, has them. */
  close(error: SkepError): void {
    this.#fleet.close()
    this.#line.close(error)
    this.#watchers.tell(error)
  }

  #serve(): void {
    const seconds = this.#sizing.warm()
    if (seconds !== undefined) this.#coldStart(seconds)
    this.#line.serve(() => this.tryLease())
    this.#watchers.tell()
  }

  #released(member: Member): void {
    this.#inFlight--
    this.#sizing.touch()
    if (this.#line.length > 0) this.#line.serve(() => this.tryLease())
    if (member.inFlight === 0) this.#fleet.departures.idle(member)
    if (this.#watchers.any) this.#watchers.tell()
  }

  #startFailed(error: SkepError): void {
    this.refuse(error)
    if (this.#crew.role === 'leads') {
      this.#crew.tell({ kind: 'start_failed', revision: this.revision.id, failure: failureOf(error) })
    }
    this.#watchers.tell(error)
  }

  #tooLate(): SkepError {
    const name = this.revision.function
    if (this.#fleet.ready.length === 0) return tooFew(this.#fleet, this.policy, 1)
    const hint = 'Raise scale.max or scale.concurrency, or make the function faster.'
    return new SkepError('queue_full', `All replicas of ${name} were busy for too long.`, {
      hint,
      retryAfterSeconds: 1,
    })
  }
}
