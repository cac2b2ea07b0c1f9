import { rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogQuery, ReplicaEvent } from '../../core/ports.ts'
import type { ReadableLog } from './lines.ts'
import type { Ended, Running } from './records.ts'

/** So many ended replicas of a function keep their logs: what it said before it went to zero is worth reading. */
const keptLogs = 3

/** Which replicas run and which have ended. Whoever listens hears of every change, once. */
export class Book {
  readonly #running = new Map<string, Running>()
  #ended: Ended[] = []
  readonly #listeners = new Set<(event: ReplicaEvent) => void>()

  watch(listener: (event: ReplicaEvent) => void): () => void {
    const own = (event: ReplicaEvent): void => listener(event) // so that one who listens twice can leave once
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  get all(): Running[] {
    return [...this.#running.values()]
  }

  of(revision: string): Running[] {
    return this.all.filter(({ replica }) => replica.revision === revision)
  }

  find(id: string): Running | undefined {
    return this.#running.get(id)
  }

  up(running: Running): void {
    this.found(running)
    this.#tell({ type: 'up', replica: running.replica })
  }

  /** It was running before this gateway came. */
  found(running: Running): void {
    this.#running.set(running.replica.id, running)
  }

  paused(id: string, paused: boolean): void {
    const running = this.#running.get(id)
    if (running) this.#running.set(id, { ...running, replica: { ...running.replica, paused } })
  }

  /** It runs no longer. Why will be told, with `tellGone`; of its log nothing more comes. */
  ended(ended: Ended): void {
    this.#running.delete(ended.id)
    this.#ended.push(ended)
    void rm(join(ended.folder, 'home'), { recursive: true, force: true }).catch(() => {}) // goes with the folder, later
    const ofThis = this.#ended.filter((other) => other.function === ended.function)
    this.#discard(ofThis.slice(0, -keptLogs))
  }

  tellGone({ replica: { id, revision } }: Running, reason: string): void {
    this.#tell({ type: 'gone', id, revision, reason })
  }

  forget(revision: string): void {
    this.#discard(this.#ended.filter((ended) => ended.revision === revision))
  }

  logs({ function: name, replica }: LogQuery): ReadableLog[] {
    const ended = this.#ended.filter((one) => one.function === name)
    const running = this.all.filter((one) => one.revision.function === name)
    const found = [
      ...ended.map(({ id, log }) => ({ replica: id, log, isFinal: true })),
      ...running.map((one) => ({ replica: one.replica.id, log: one.log, isFinal: false })),
    ]
    return replica === undefined ? found : found.filter((one) => one.replica === replica)
  }

  #discard(gone: readonly Ended[]): void {
    this.#ended = this.#ended.filter((ended) => !gone.includes(ended))
    for (const { folder } of gone) rmSync(folder, { recursive: true, force: true })
  }

  #tell(event: ReplicaEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
