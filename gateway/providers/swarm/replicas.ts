import { setTimeout as sleep } from 'node:timers/promises'
import { SkepError } from '../../core/errors.ts'
import type { Replica, Revision } from '../../core/ports.ts'
import type { Book } from '../engine/book.ts'
import { EngineRefusal, type ServiceSettings, unlessMissing } from '../engine/client.ts'
import { having, label } from '../engine/labels.ts'
import type { Census, Placed } from './census.ts'
import type { SwarmPlace } from './place.ts'
import type { SwarmSecrets } from './secrets.ts'
import { replicaLabel, replicaOf, serviceName } from './service.ts'
import { type Task, tasksOf } from './tasks.ts'

export interface SwarmSite {
  readonly place: SwarmPlace
  readonly secrets: SwarmSecrets
}

/** Starts and ends replicas: each is a service with one task. */
export class SwarmReplicas {
  readonly #place: SwarmPlace
  readonly #secrets: SwarmSecrets
  readonly #book: Book<Placed>
  readonly #census: Census
  /** Starts that go on, by revision: they count as replicas. */
  readonly #starts = new Map<string, Set<Promise<void>>>()

  constructor({ place, secrets }: SwarmSite, book: Book<Placed>, census: Census) {
    this.#place = place
    this.#secrets = secrets
    this.#book = book
    this.#census = census
  }

  async scale(revision: Revision, wanted: number): Promise<void> {
    await this.#census.look()
    const starts = this.#startsOf(revision)
    const surplus = this.#staying(revision).length + starts.size - wanted
    for (let missing = -surplus; missing > 0; missing--) this.#begin(revision, starts)
    if (surplus <= 0) return void (await Promise.all(starts))
    await Promise.allSettled(starts)
    const ending = this.#staying(revision).slice(wanted)
    await Promise.all(ending.map(({ replica }) => this.retire(replica)))
  }

  /** The Swarm waits two seconds before it sends SIGTERM, so that all nodes have heard of it. */
  async retire({ id }: Replica): Promise<void> {
    const departure = this.#census.departure(id)
    await this.#removeServices({ [replicaLabel]: id })
    await departure
    await this.#secrets.tidy()
  }

  /** Removes the revision's record and all replicas; the Swarm ends their containers after that. */
  async remove(revision: Revision): Promise<void> {
    const placed = this.#placed(revision)
    for (const { replica } of placed) void this.#census.departure(replica.id)
    await this.#removeServices({ [label.revision]: revision.id })
    await this.#unwanted(revision)
    this.#census.giveUp(revision)
    this.#starts.delete(revision.id)
    for (const { replica } of placed) this.#book.gone(replica.id, 'It was removed.')
  }

  /** A Swarm takes a moment to see that tasks have lost their service: a gateway that looks now would find them running. */
  async #unwanted({ id }: Revision): Promise<void> {
    const isWanted = ({ state, revision }: Task): boolean =>
      revision.id === id && (state === 'running' || state === 'starting')
    for (let look = 0; look < 100; look++) {
      if (!(await tasksOf(this.#place)).some(isWanted)) return
      await sleep(50)
    }
  }

  #begin(revision: Revision, starts: Set<Promise<void>>): void {
    // It leaves the starts in the moment in which the book has it: counted once, always.
    const start = this.#start(revision).finally(() => starts.delete(start))
    starts.add(start)
  }

  async #start(revision: Revision): Promise<void> {
    const { engine } = this.#place
    const id = `${revision.id}-${crypto.randomUUID().slice(0, 6)}`
    const [record, secrets] = await Promise.all([this.#recordOf(revision), this.#secrets.filesFor(revision.spec)])
    const arrival = this.#census.arrival(id, revision)
    arrival.catch(() => {}) // heard below; the service may not even be there yet
    try {
      await engine.ask((docker) => docker.createService(replicaOf(this.#place, id, { record, secrets })))
      await arrival
    } catch (error) {
      await this.#removeServices({ [replicaLabel]: id }).catch(() => {}) // the first failure is the one to tell
      if (!(error instanceof EngineRefusal)) throw error
      throw new SkepError('start_failed', `${revision.function} cannot be started. ${error.message}`, {
        cause: error,
        hint: 'The Swarm says why: change the function, or the Swarm.',
      })
    }
  }

  async #recordOf({ id, function: key }: Revision): Promise<ServiceSettings> {
    const name = serviceName(this.#place, id)
    const record = await unlessMissing(this.#place.engine.ask((docker) => docker.getService(name).inspect()))
    if (record?.Spec) return record.Spec
    throw new SkepError('start_failed', `The service ${name} of ${key} was removed.`, { hint: 'Deploy it again.' })
  }

  async #removeServices(labels: Readonly<Record<string, string>>): Promise<void> {
    const { engine, gateway } = this.#place
    const filters = having({ ...labels, [label.gateway]: gateway })
    const found = await engine.ask((docker) => docker.listServices({ filters }))
    await Promise.all(found.map(({ ID }) => unlessMissing(engine.ask((docker) => docker.getService(ID).remove()))))
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
    return this.#placed(revision).filter(({ replica }) => !this.#census.isLeaving(replica.id))
  }
}
