import { Crew, type OwnState } from './crew.ts'
import { Announcements } from './announcements.ts'
import { type Changes, changesOf } from './changes.ts'
import { Deploys, type DeploysParts } from './deploys.ts'
import { Errands } from './errands.ts'
import { Functions } from './functions.ts'
import { leadMoved } from './lead-moved.ts'
import { errorOf, type PeerMessage, replicaFrom, type Report } from './peer-messages.ts'
import type { Peers, Role } from './peers.ts'
import type { Progress } from './progress.ts'
import { isReadable } from './records.ts'
import { Renewals } from './renewals.ts'
import { type Stock, Sync } from './sync.ts'
import type { TallyCounts } from './tally.ts'
import { Traffic } from './traffic.ts'
import { Turns } from './turns.ts'

/** Messages may get lost: so often everything is compared with the store all the same. */
const syncEveryMs = 5000

const retryMs = 1000

export interface TeamParts extends Omit<DeploysParts, 'crew' | 'turns'> {
  readonly peers: Peers
}

/** This gateway's part among all: follows the one that leads or leads itself, and has every change made by the one that leads. */
export class Team {
  readonly functions: Functions
  readonly deploys: Deploys
  readonly traffic: Traffic
  readonly #parts: TeamParts
  readonly #turns = new Turns()
  readonly #crew: Crew
  readonly #announcements: Announcements
  readonly #sync: Sync
  readonly #errands: Errands
  #stock: Stock | undefined
  #syncedAt = performance.now()
  #syncing: Promise<void> | undefined

  constructor(parts: TeamParts) {
    this.#parts = parts
    this.#crew = new Crew(parts.peers, {
      state: () => this.#state(),
      takeOver: () => this.#takeOver(),
      became: (role) => this.#became(role),
      heard: (message, from) => this.#heard(message, from),
    })
    const announcements = new Announcements(this.#crew, parts.log)
    this.#announcements = announcements
    const records = parts.records.sharedBy({
      mayWrite: () => this.#mayWrite(),
      written: (key) => announcements.changed(key),
    })
    const shared = { ...parts, records, crew: this.#crew, turns: this.#turns }
    this.functions = new Functions(shared)
    this.deploys = new Deploys(this.functions, shared)
    this.traffic = new Traffic(this.functions, shared)
    this.#sync = new Sync(this.functions, shared)
    const { functions, deploys, traffic } = this
    const renewals = new Renewals(functions, parts)
    this.#errands = new Errands(this.#crew, changesOf(functions, { deploys, traffic, renewals }))
  }

  /** What other gateways counted of a revision's calls. */
  tallies(revision: string, of: string): TallyCounts[] {
    return this.#crew.tallies(revision, of)
  }

  get leads(): boolean {
    return this.#crew.role === 'leads'
  }

  /** Resolves when everything that is deployed is known, as far as store and provider answer. */
  async start(): Promise<void> {
    this.functions.watch()
    await this.#crew.join()
    await this.#syncing
    this.#parts.log.info('functions restored', { functions: this.functions.list().length })
  }

  /** Has a change made by the gateway that leads; here, too, it counts when this resolves. */
  async change(verb: keyof Changes, key: string, args: object, progress?: Progress): Promise<unknown> {
    const outcome = await this.#errands.run(verb, args, progress)
    if (!this.leads) await this.#turns.take(key, async () => {})
    return outcome
  }

  /** Twice a second. */
  tick(now: number): void {
    this.#crew.tick()
    this.#announcements.check(now)
    const { stored, known, replicas } = this.#stock ?? {}
    const isIncomplete = !stored || !known || !replicas
    const isDue = now - this.#syncedAt > (isIncomplete ? retryMs : syncEveryMs)
    if (!isDue || (this.#parts.peers.silenceMs === 0 && !isIncomplete)) return
    this.#syncedAt = now
    if (isIncomplete) this.#refresh()
    else void this.#sync.isStale().then((stale) => stale && this.#refresh())
  }

  async close(): Promise<void> {
    this.functions.close()
    await this.#crew.leave()
  }

  async #takeOver(): Promise<void> {
    this.#stock = await this.#sync.all()
  }

  #became(role: Role): void {
    this.#parts.provider.lead?.(role === 'leads')
    for (const pool of this.functions.pools) pool.setLeads(role === 'leads')
    if (role === 'leads') this.#tidy()
    else if (role === 'follows' || !this.#stock) this.#refresh()
    if (this.#parts.peers.silenceMs > 0) this.#parts.log.info('role', { role, gateway: this.#parts.peers.self })
  }

  #refresh(): void {
    this.#syncing ??= this.#takeOver().finally(() => {
      this.#syncing = undefined
      this.#syncedAt = performance.now()
      if (this.leads) this.#tidy()
    })
  }

  /** What this gateway, which leads now, has to put in order. */
  #tidy(): void {
    const { stored, known, replicas } = this.#stock ?? {}
    this.functions.adopt(replicas ?? [])
    if (stored) void this.#sync.remind(stored)
    if (!stored || !known || !replicas) return
    const unsure = stored.filter((record) => !isReadable(record)).map(({ key }) => key)
    this.functions.tidy(known, new Set(unsure))
  }

  #state(): OwnState {
    const now = performance.now()
    const { pools } = this.functions
    const loads = pools.flatMap((pool) => {
      const load = pool.load(now)
      return load ? [[pool.revision.id, load] as const] : []
    })
    return {
      loads: Object.fromEntries(loads),
      floors: Object.fromEntries(pools.filter(({ floor }) => floor > 0).map((pool) => [pool.revision.id, pool.floor])),
      tallies: Object.fromEntries(pools.flatMap(({ revision, tally }) => (tally ? [[revision.id, tally.counts]] : []))),
      held: new Set(pools.flatMap(({ held }) => held)),
    }
  }

  #heard(message: PeerMessage, from: string): void {
    const { functions } = this
    if (message.kind === 'changed') void this.#apply(message)
    else if (message.kind === 'applied') this.#announcements.applied(message.id, from)
    else if (message.kind === 'report') this.#heed(message)
    else if (message.kind === 'ready') functions.notice({ type: 'up', replica: replicaFrom(message.replica) })
    else if (message.kind === 'spent') functions.pool(message.revision)?.dismissed(message.replica)
    else if (message.kind === 'start_failed') functions.pool(message.revision)?.refuse(errorOf(message.failure))
    else this.#errands.heard(message)
  }

  async #apply({ id, function: key }: { id: string; function: string }): Promise<void> {
    if (await this.#sync.one(key)) this.#crew.tell({ kind: 'applied', id })
  }

  #heed({ leads, loads, floors }: Report): void {
    for (const pool of this.functions.pools) {
      const { id } = pool.revision
      if (this.leads && (loads[id]?.waiting ?? 0) > 0) pool.wanted()
      if (this.leads || !leads) continue
      pool.floor = floors[id] ?? 0
      pool.heed()
    }
  }

  #mayWrite(): void {
    if (!this.leads) throw leadMoved()
  }
}
