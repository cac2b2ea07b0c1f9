import { SkepError } from '../../core/errors.ts'
import { graceMsOf } from '../../core/policy.ts'
import type { Replica, Revision } from '../../core/ports.ts'
import type { Book } from '../engine/book.ts'
import { unlessMissing, unlessRefused } from '../engine/client.ts'
import { reasonOf } from '../engine/ending.ts'
import type { Holders } from './holders.ts'
import type { LastLogs } from './last-logs.ts'
import { discard, type Place } from '../engine/place.ts'
import { type StartSite, startReplica } from './start.ts'
import type { Placed } from '../engine/survey.ts'

const longestGraceMs = 10_000

/** Starts and ends replicas. */
export class Replicas {
  readonly #site: StartSite
  readonly #place: Place
  readonly #book: Book<Placed>
  readonly #holders: Holders
  readonly #lastLogs: LastLogs
  /** Starts that go on, by revision: they count as replicas. */
  readonly #starts = new Map<string, Set<Promise<void>>>()
  /** Replicas that are leaving, and why. */
  readonly #leaving = new Map<string, string>()
  readonly #burials = new Map<string, Promise<void>>()

  constructor(site: StartSite, book: Book<Placed>, lastLogs: LastLogs) {
    this.#site = site
    this.#place = site.place
    this.#book = book
    this.#lastLogs = lastLogs
    this.#holders = site.holders
  }

  async scale(revision: Revision, wanted: number): Promise<void> {
    const starts = this.#startsOf(revision)
    const surplus = this.#staying(revision).length + starts.size - wanted
    for (let missing = -surplus; missing > 0; missing--) this.#begin(revision, starts)
    if (surplus > 0) await this.#endBeyond(revision, wanted)
    else await Promise.all(starts)
  }

  /** Ends all replicas of the revision. */
  async endAll(revision: Revision): Promise<void> {
    await this.#endBeyond(revision, 0)
    await Promise.all(this.#placed(revision).map(({ replica }) => this.retire(replica))) // those that leave already
    this.#starts.delete(revision.id)
  }

  /** Ends all but the oldest: those that are here, and those that are just starting when they are. */
  async #endBeyond(revision: Revision, wanted: number): Promise<void> {
    const end = async (): Promise<unknown> =>
      Promise.all(
        this.#staying(revision)
          .slice(wanted)
          .map(({ replica }) => this.retire(replica)),
      )
    await Promise.all([end(), Promise.allSettled(this.#startsOf(revision)).then(end)])
  }

  async retire({ id }: Replica): Promise<void> {
    const placed = this.#book.find(id)
    if (!placed) return this.#burials.get(id)
    this.#leaving.set(id, 'It was stopped.')
    try {
      await this.#stop(placed)
    } catch (error) {
      this.#leaving.delete(id)
      throw error
    }
    await this.bury(id)
  }

  pause(replica: Replica): Promise<void> {
    return this.#freeze(replica, true)
  }

  resume(replica: Replica): Promise<void> {
    return this.#freeze(replica, false)
  }

  /** Ends a replica that is of no use any more. */
  async abandon(id: string, reason: string): Promise<void> {
    const placed = this.#book.find(id)
    if (!placed) return
    this.#leaving.set(id, reason)
    await discard(this.#place.engine, placed.container)
    await this.bury(id)
  }

  /** Tells that a replica has ended and why, and clears away what is left of it. */
  bury(id: string): Promise<void> {
    const going = this.#burials.get(id)
    const placed = this.#book.find(id)
    if (going || !placed) return going ?? Promise.resolve()
    const burial = this.#bury(placed).finally(() => this.#burials.delete(id))
    this.#burials.set(id, burial)
    return burial
  }

  async #bury(placed: Placed): Promise<void> {
    const { replica, revision, container, holder } = placed
    const { engine } = this.#place
    const unknown = (): string => 'It ended, and the engine does not say how.'
    const reason = this.#leaving.get(replica.id) ?? (await reasonOf(engine, container, revision.spec).catch(unknown))
    this.#leaving.delete(replica.id)
    this.#book.gone(replica.id, reason)
    // Not before it was told: nobody must send to an address that is another function's already.
    if (!this.#place.role.leads) return
    if (holder) this.#holders.giveBack(holder)
    await this.#lastLogs.keep(placed).catch(() => {}) // they were cut off, or the engine is away
    await discard(engine, container)
  }

  #begin(revision: Revision, starts: Set<Promise<void>>): void {
    // It leaves the starts in the moment in which it enters the book: counted once, always.
    const start = startReplica(this.#site, revision)
      .then(
        (placed) => {
          starts.delete(start)
          this.#book.up(placed)
        },
        (error: unknown) => {
          starts.delete(start)
          throw error
        },
      )
      .finally(() => this.#holders.fillLater())
    starts.add(start)
  }

  async #stop({ container, revision }: Placed): Promise<void> {
    const t = Math.ceil(graceMsOf(revision.spec, longestGraceMs) / 1000)
    const stopped = this.#place.engine.ask((docker) => docker.getContainer(container).stop({ t }))
    await unlessMissing(unlessRefused(stopped, 304)) // it ended by itself meanwhile
  }

  /** Throws where it has ended. */
  placedOf({ id }: Replica): Placed {
    const placed = this.#book.find(id)
    if (!placed)
      throw new SkepError('start_failed', `The replica ${id} has ended.`, {
        hint: 'Try again: another one takes its place.',
      })
    return placed
  }

  async #freeze(replica: Replica, paused: boolean): Promise<void> {
    const placed = this.placedOf(replica)
    const asked = this.#place.engine.ask((docker) => {
      const container = docker.getContainer(placed.container)
      return paused ? container.pause() : container.unpause()
    })
    await unlessRefused(asked, 409) // it is so already
    this.#book.up({ ...placed, replica: { ...placed.replica, paused } })
  }

  #startsOf({ id }: Revision): Set<Promise<void>> {
    const starts = this.#starts.get(id) ?? new Set()
    this.#starts.set(id, starts)
    return starts
  }

  #placed({ id }: Revision): Placed[] {
    return this.#book.all.filter(({ revision }) => revision.id === id)
  }

  #staying(revision: Revision): Placed[] {
    return this.#placed(revision).filter(({ replica }) => !this.#leaving.has(replica.id))
  }
}
