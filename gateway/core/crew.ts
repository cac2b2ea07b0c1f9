import { Doors } from './doors.ts'
import { messageFrom, type PeerMessage, type Report, type RevisionLoad } from './peer-messages.ts'
import type { Peers, Role } from './peers.ts'
import type { TallyCounts } from './tally.ts'

/** What a gateway can say of itself. */
export interface OwnState extends Pick<Report, 'loads' | 'floors' | 'tallies'> {
  /** Replicas that it has requests in flight on although they get no new ones. */
  readonly held: ReadonlySet<string>
}

export interface CrewListener {
  state(): OwnState
  /** This gateway is to lead: resolves when it knows what there is. */
  takeOver(): Promise<void>
  /** From now on it has another role. */
  became(role: Role): void
  heard(message: PeerMessage, from: string): void
}

interface Heard {
  readonly report: Report
  readonly at: number
}

/** All gateways of this place as this one sees them: who leads, what passes through the others, what they still hold. */
export class Crew {
  readonly #peers: Peers
  readonly #listener: CrewListener
  readonly #doors: Doors
  readonly #reports = new Map<string, Heard>()
  #role: Role = 'follows'
  /** What this gateway may be; it leads only after it has taken over. */
  #offered: Role | undefined
  #taking: Promise<void> | undefined
  /** Since when the others can be heard. */
  #since = Infinity
  #prompted = false
  /** What the one that leads has closed. */
  #shut: Report['shut'] = {}

  constructor(peers: Peers, listener: CrewListener) {
    this.#peers = peers
    this.#listener = listener
    this.#doors = new Doors(
      (ticket) => this.#isFree(ticket),
      () => this.prompt(),
    )
  }

  get role(): Role {
    return this.#role
  }

  /** Resolves when this gateway follows, or leads and has taken over, or knows that it can do neither now. */
  async join(): Promise<void> {
    await this.#peers.join({ role: (role) => this.#offer(role), heard: (text, from) => this.#hear(text, from) })
    await this.#taking
  }

  leave(): Promise<void> {
    this.#offered = undefined
    return this.#peers.leave()
  }

  tell(message: PeerMessage): void {
    this.#peers.tell(JSON.stringify(message))
  }

  /** The others should hear soon how it stands here. */
  prompt(): void {
    if (this.#prompted || this.#peers.silenceMs === 0) return
    this.#prompted = true
    setImmediate(() => this.#report())
  }

  /** Twice a second. */
  tick(): void {
    this.prompt()
    this.#doors.check()
  }

  /** Whether the gateway that leads has closed this replica for new requests. */
  isShut(replica: string): boolean {
    return this.#role !== 'leads' && replica in this.#shut
  }

  /** For who leads: nobody sends new requests to the replica. Says whether it is free already, else calls `freed` when it is. */
  close(replica: string, freed: () => void): boolean {
    return this.#doors.close(replica, freed)
  }

  /** Closes the replica, and resolves when it is free. */
  freed(replica: string): Promise<void> {
    return new Promise((resolve) => this.close(replica, resolve) && resolve())
  }

  open(replica: string): void {
    this.#doors.open(replica)
  }

  /** The replica has ended. */
  gone(replica: string): void {
    this.#doors.gone(replica)
  }

  /** How the revision is used through all the others together. */
  elsewhere(revision: string): RevisionLoad {
    const sum = { demand: 0, waiting: 0, idleForMs: Infinity, settling: false }
    for (const { report, at } of this.#live()) {
      const load = report.loads[revision]
      if (!load) continue
      sum.demand += load.demand
      sum.settling ||= load.settling
      sum.waiting += load.waiting
      sum.idleForMs = Math.min(sum.idleForMs, load.idleForMs + performance.now() - at)
    }
    return sum
  }

  /** What the others counted for that. */
  tallies(revision: string, of: string): TallyCounts[] {
    const told = this.#live().flatMap(({ report }) => report.tallies[revision] ?? [])
    return told.filter((counts) => counts.of === of)
  }

  /** Names of the others that are there and say when they go by a change. */
  confirming(): string[] {
    this.#live()
    return [...this.#reports].flatMap(([name, { report }]) => (report.confirms ? [name] : []))
  }

  #live(): Heard[] {
    const since = performance.now() - this.#peers.silenceMs
    for (const [peer, { at }] of this.#reports) if (at < since) this.#reports.delete(peer)
    return [...this.#reports.values()]
  }

  /** One that has just begun to listen does not know yet who else there is. */
  #isFree(ticket: number): boolean {
    const knowsAll = performance.now() - this.#since >= this.#peers.silenceMs
    return knowsAll && this.#live().every(({ report }) => report.free.includes(ticket))
  }

  #offer(role: Role): void {
    if (this.#offered === undefined || this.#offered === 'alone') this.#since = performance.now()
    this.#offered = role
    if (role === 'leads') this.#taking ??= this.#takeOver().finally(() => (this.#taking = undefined))
    else this.#become(role)
  }

  async #takeOver(): Promise<void> {
    await this.#listener.takeOver()
    if (this.#offered === 'leads') this.#become('leads')
  }

  #become(role: Role): void {
    this.#role = role
    if (role === 'leads') this.#shut = {}
    else this.#doors.forget()
    this.#listener.became(role)
    this.prompt()
  }

  #report(): void {
    this.#prompted = false
    const { held, loads, floors, tallies } = this.#listener.state()
    const free = Object.entries(this.#shut).flatMap(([id, ticket]) => (held.has(id) ? [] : [ticket]))
    const leads = this.#role === 'leads'
    const told = { loads, tallies, floors: leads ? floors : {}, shut: this.#doors.shut, free }
    this.tell({ kind: 'report', leads, confirms: true, ...told })
  }

  #hear(text: string, from: string): void {
    const message = messageFrom(text)
    if (!message) return
    if (message.kind === 'report') this.#note(message, from)
    this.#listener.heard(message, from)
    if (message.kind === 'report') this.#doors.check()
  }

  #note(report: Report, from: string): void {
    this.#reports.set(from, { report, at: performance.now() })
    if (!report.leads || this.#role === 'leads') return
    const before = this.#shut
    this.#shut = report.shut
    const isNews = Object.values(report.shut).some((ticket) => !Object.values(before).includes(ticket))
    if (isNews) this.prompt()
  }
}
