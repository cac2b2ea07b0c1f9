import { asSkepError, SkepError } from '../../core/errors.ts'
import type { Replica, Revision } from '../../core/ports.ts'
import type { Book } from '../engine/book.ts'
import { unlessMissing } from '../engine/client.ts'
import { reasonOf, whyLeaving } from './ending.ts'
import { nodesOf, type SwarmNode } from './nodes.ts'
import type { SwarmPlace } from './place.ts'
import { type Task, tasksOf } from './tasks.ts'

/** A replica that runs, and where its log is. */
export interface Placed {
  readonly replica: Replica
  readonly revision: Revision
  readonly task: string
}

interface Arrival extends PromiseWithResolvers<void> {
  readonly revision: Revision
}

/** While something starts or ends. */
const fastMs = 50
const slowMs = 1000

/**
 * Keeps the book true by counting the tasks again and again: the engine tells of services and nodes, but not of tasks.
 */
export class Census {
  readonly #place: SwarmPlace
  readonly #book: Book<Placed>
  /** Replicas that are to come. */
  readonly #arrivals = new Map<string, Arrival>()
  /** Replicas that this gateway ends. */
  readonly #leaving = new Map<string, PromiseWithResolvers<void>>()
  readonly #burying = new Set<string>()
  #nodes: readonly SwarmNode[] = []
  #turn: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #away = false
  #closed = false

  constructor(place: SwarmPlace, book: Book<Placed>) {
    this.#place = place
    this.#book = book
  }

  /** Resolves when the replica runs; rejects when it cannot start. */
  arrival(id: string, revision: Revision): Promise<void> {
    const arrival = { ...Promise.withResolvers<void>(), revision }
    this.#arrivals.set(id, arrival)
    arrival.promise.then(
      () => this.#arrivals.delete(id),
      () => this.#arrivals.delete(id),
    )
    this.#schedule()
    return arrival.promise
  }

  /** Resolves when the replica, which was asked to end, has ended. */
  departure(id: string): Promise<void> {
    const departure = this.#leaving.get(id) ?? Promise.withResolvers<void>()
    this.#leaving.set(id, departure)
    this.#schedule()
    return departure.promise
  }

  isLeaving(id: string): boolean {
    return this.#leaving.has(id)
  }

  /** Nobody waits for this revision's replicas any more. */
  giveUp({ id }: Revision): void {
    for (const { revision, reject } of this.#arrivals.values()) {
      if (revision.id === id)
        reject(
          new SkepError('start_failed', `${id} was removed while it started.`, {
            hint: 'Deploy the function again if it is still wanted.',
          }),
        )
    }
  }

  /** Counts now. */
  look(): Promise<void> {
    return (this.#turn ??= this.#look().finally(() => {
      this.#turn = undefined
      this.#schedule()
    }))
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    const isBusy = this.#arrivals.size + this.#leaving.size > 0 && !this.#away
    this.#timer = setTimeout(() => void this.look().catch(() => {}), isBusy ? fastMs : slowMs)
  }

  async #look(): Promise<void> {
    const { log } = this.#place
    try {
      await this.#count()
      if (this.#away) log.info('the Swarm is back')
      this.#away = false
    } catch (error) {
      if (!this.#away) log.warn('the Swarm is away', { error: asSkepError(error).message })
      this.#away = true
      for (const { reject } of this.#arrivals.values()) reject(asSkepError(error))
      throw error
    }
  }

  async #count(): Promise<void> {
    const tasks = await tasksOf(this.#place)
    const isNews = ({ state, node, replica }: Task): boolean =>
      (state === 'leaving' && this.#book.find(replica.id) !== undefined) || !this.#nodes.some(({ id }) => id === node)
    if (tasks.some(isNews)) this.#nodes = await nodesOf(this.#place)
    for (const task of tasks) this.#judge(task)
    const seen = new Set(tasks.map(({ replica }) => replica.id))
    for (const { replica } of this.#book.all) if (!seen.has(replica.id)) this.#gone(replica.id, 'It was removed.')
    for (const id of this.#leaving.keys()) if (!seen.has(id)) this.#gone(id, 'It was stopped.')
  }

  #judge(task: Task): void {
    const { id } = task.replica
    if (task.state === 'ended') void this.#bury(task)
    else if (this.#leaving.has(id)) return
    else if (task.state === 'running') this.#arrived(task)
    else if (task.state === 'leaving') this.#lose(task, whyLeaving(task, this.#nodes))
    else if (task.trouble !== undefined) this.#lose(task, `No node can take it: ${task.trouble}.`)
  }

  #arrived(task: Task): void {
    const { replica, revision, id } = task
    const node = this.#nodes.find((one) => one.id === task.node)?.name
    this.#book.up({ replica: node === undefined ? replica : { ...replica, node }, revision, task: id })
    this.#arrivals.get(replica.id)?.resolve()
  }

  /** The replica must not be used any more, and will not come back. */
  #lose({ replica: { id }, revision, service }: Task, reason: string): void {
    const message = `${revision.function} did not start. ${reason}`
    this.#arrivals
      .get(id)
      ?.reject(new SkepError('start_failed', message, { hint: 'Read its last lines in `skep logs`.' }))
    this.#gone(id, reason)
    void this.#discard(service)
  }

  async #bury(task: Task): Promise<void> {
    const { id } = task.replica
    if (this.#burying.has(id)) return
    if (this.#leaving.has(id)) return this.#gone(id, 'It was stopped.')
    // Told already, or it ended while nobody looked.
    if (!this.#book.find(id) && !this.#arrivals.has(id)) return this.#discard(task.service)
    this.#burying.add(id)
    // It did run, if too short to be seen.
    if (task.exitCode !== undefined && this.#arrivals.has(id)) this.#arrived(task)
    this.#lose(task, await reasonOf(this.#place, task))
    this.#burying.delete(id)
  }

  #gone(id: string, reason: string): void {
    this.#book.gone(id, reason)
    this.#leaving.get(id)?.resolve()
    this.#leaving.delete(id)
  }

  /** What fails here is tried again at the next count: the task is still there then. */
  async #discard(service: string): Promise<void> {
    if (!this.#place.role.leads) return
    await unlessMissing(this.#place.engine.ask((docker) => docker.getService(service).remove())).catch(() => {})
  }
}
