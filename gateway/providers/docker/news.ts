import type { Book } from '../engine/book.ts'
import type { Holders } from './holders.ts'
import { label } from '../engine/labels.ts'
import { discard, type Place } from '../engine/place.ts'
import type { Replicas } from './replicas.ts'
import { type Placed, replicaId, survey } from '../engine/survey.ts'
import type { EngineEvent, Watcher } from './watch.ts'

export interface NewsParts {
  readonly place: Place
  readonly book: Book<Placed>
  readonly holders: Holders
  readonly replicas: Replicas
}

/** Keeps the book true: by what the engine tells, and by looking at everything when it told nothing for a while. */
export class News implements Watcher {
  readonly #parts: NewsParts
  /** Surveys, one after the other. */
  #turn: Promise<void> = Promise.resolve()

  constructor(parts: NewsParts) {
    this.#parts = parts
  }

  opened(): Promise<void> {
    const turn = this.#turn.then(() => this.#compare())
    this.#turn = turn.catch(() => {}) // who asked for this one hears of it
    return turn
  }

  /** What the gateway that led before has left behind is this one's. */
  lead(leads: boolean): void {
    const { place, holders } = this.#parts
    if (place.role.leads === leads) return
    place.role.leads = leads
    if (leads) this.#background(this.opened())
    else holders.forget()
  }

  event({ Action, Actor }: EngineEvent): void {
    const name = Actor.Attributes['name'] ?? ''
    if (Actor.Attributes[label.role] === 'holder') {
      if (Action === 'die') this.#holderDied(Actor.ID)
    } else if (Action === 'die') this.#died(name)
    else if (Action === 'start') this.#started(name)
    else this.#paused(name, Action === 'pause')
  }

  #died(name: string): void {
    const { place, replicas } = this.#parts
    place.making.delete(name)
    this.#background(replicas.bury(replicaId(place, name)))
  }

  #started(name: string): void {
    const { place, book } = this.#parts
    const ours = place.making.has(name) || book.find(replicaId(place, name))
    if (!ours) this.#background(this.opened())
  }

  #paused(name: string, paused: boolean): void {
    const { place, book } = this.#parts
    const placed = book.find(replicaId(place, name))
    if (placed) book.up({ ...placed, replica: { ...placed.replica, paused } })
  }

  #holderDied(container: string): void {
    const { book, holders, replicas } = this.#parts
    holders.lost(container)
    const orphan = book.all.find(({ holder }) => holder?.container === container)
    if (orphan) this.#background(replicas.abandon(orphan.replica.id, 'It lost its network: the holder of it ended.'))
  }

  async #compare(): Promise<void> {
    const { place, book, holders, replicas } = this.#parts
    const before = book.all
    const ended: string[] = []
    const stop = book.watch((event) => event.type === 'gone' && ended.push(event.id))
    const found = await survey(place).finally(stop)
    for (const placed of found.running) if (!ended.includes(placed.replica.id)) book.up(placed)
    const running = new Set(found.running.map(({ replica }) => replica.id))
    for (const { replica } of before) if (!running.has(replica.id)) this.#background(replicas.bury(replica.id))
    if (!place.role.leads) return
    holders.adopt(found)
    const known = new Set(before.map(({ container }) => container))
    for (const id of found.dead) if (!known.has(id)) this.#background(discard(place.engine, id))
    holders.fill()
  }

  /** What fails here because the engine went away again is found by the next survey. */
  #background(work: Promise<unknown>): void {
    void work.catch(() => {})
  }
}
