import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { SkepError } from '../../core/errors.ts'
import { graceMsOf } from '../../core/policy.ts'
import type { Replica, Revision } from '../../core/ports.ts'
import type { Book } from './book.ts'
import { reasonOf, type Exit } from './ending.ts'
import { sessions } from './proc.ts'
import type { Running } from './records.ts'
import type { Prepared } from './shelf.ts'
import { isAlive, isStopped, signalGroup, signalLeader, sweep } from './signal.ts'
import { startReplica, type StartTools } from './start.ts'

const longestGraceMs = 10_000

/** A replica that is leaving: why, and when it has left. */
interface Leaving extends PromiseWithResolvers<void> {
  readonly reason: string
}

/** Starts and ends replicas. */
export class Replicas {
  readonly #book: Book
  readonly #tools: StartTools
  /** Starts that go on, by revision: they count as replicas. */
  readonly #starts = new Map<string, Set<Promise<void>>>()
  readonly #leaving = new Map<string, Leaving>()
  #isClosed = false

  constructor(book: Book, tools: StartTools) {
    this.#book = book
    this.#tools = tools
  }

  async scale(prepared: Prepared, wanted: number): Promise<void> {
    const { id } = prepared.revision
    const starts = this.#startsOf(id)
    const surplus = this.#staying(id).length + starts.size - wanted
    for (let missing = -surplus; missing > 0; missing--) this.#begin(prepared, starts)
    if (surplus <= 0) return void (await Promise.all(starts))
    await Promise.allSettled(starts)
    await Promise.all(
      this.#staying(id)
        .slice(wanted)
        .map((running) => this.#stop(running)),
    )
  }

  async endAll({ id }: Revision): Promise<void> {
    await Promise.allSettled(this.#startsOf(id))
    await Promise.all(this.#book.of(id).map((running) => this.#stop(running)))
    this.#starts.delete(id)
  }

  async retire({ id }: Replica): Promise<void> {
    const running = this.#book.find(id)
    if (running) await this.#stop(running)
    else await this.#leaving.get(id)?.promise
  }

  async pause({ id }: Replica): Promise<void> {
    const running = this.runningOf(id)
    signalGroup(running, 'SIGSTOP')
    // The kernel does it soon, and tells only who looks.
    while (isAlive(running) && !isStopped(running)) await sleep(1)
    this.#book.paused(id, true)
  }

  resume({ id }: Replica): void {
    signalGroup(this.runningOf(id), 'SIGCONT')
    this.#book.paused(id, false)
  }

  /** Ends a replica at once. */
  kill(running: Running, reason: string): void {
    this.#leave(running, reason)
    signalGroup(running, 'SIGKILL')
  }

  /** A replica's process has ended: clears away what it left, and tells. */
  async bury(id: string, exit?: Exit): Promise<void> {
    const running = this.#book.find(id)
    if (!running || this.#isClosed) return
    const { revision, folder, log } = running
    sweep(running, sessions())
    this.#tools.ports.release(running.replica.address.port)
    log.measure()
    this.#book.ended({ id, revision: revision.id, function: revision.function, folder, log })
    const leaving = this.#leaving.get(id)
    this.#book.tellGone(running, leaving?.reason ?? (await reasonOf(running, exit)))
    this.#leaving.delete(id)
    leaving?.resolve()
  }

  /** Throws where it has ended. */
  runningOf(id: string): Running {
    const running = this.#book.find(id)
    if (running) return running
    throw new SkepError('start_failed', `The replica ${id} has ended.`, {
      hint: 'Try again: another one takes its place.',
    })
  }

  close(): void {
    this.#isClosed = true
  }

  #begin(prepared: Prepared, starts: Set<Promise<void>>): void {
    const start: Promise<void> = startReplica(this.#tools, prepared).then(
      ({ running, child }) => {
        starts.delete(start)
        this.#welcome(running, child)
      },
      (error: unknown) => {
        starts.delete(start)
        throw error
      },
    )
    starts.add(start)
  }

  #welcome(running: Running, child: ChildProcess): void {
    child.once('exit', (code, signal) => void this.bury(running.replica.id, { code, signal }))
    this.#book.up(running)
  }

  async #stop(running: Running): Promise<void> {
    const { id, paused } = running.replica
    const already = this.#leaving.get(id)
    if (already) return already.promise
    const { promise } = this.#leave(running, 'It was stopped.')
    // Only the first process: its children may be at work for a request that is to be finished.
    signalLeader(running, 'SIGTERM')
    if (paused) signalGroup(running, 'SIGCONT')
    const graceMs = graceMsOf(running.revision.spec, longestGraceMs)
    await Promise.race([promise, sleep(graceMs, undefined, { ref: false })])
    if (this.#leaving.has(id)) signalGroup(running, 'SIGKILL')
    return promise
  }

  #leave({ replica: { id } }: Running, reason: string): Leaving {
    const leaving = this.#leaving.get(id) ?? { ...Promise.withResolvers<void>(), reason }
    this.#leaving.set(id, leaving)
    return leaving
  }

  #startsOf(id: string): Set<Promise<void>> {
    const starts = this.#starts.get(id) ?? new Set()
    this.#starts.set(id, starts)
    return starts
  }

  #staying(id: string): Running[] {
    return this.#book.of(id).filter(({ replica }) => !this.#leaving.has(replica.id))
  }
}
