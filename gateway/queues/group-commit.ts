import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { DatabaseSync } from 'node:sqlite'
import { messageOf, SkepError } from '../core/errors.ts'

interface Work {
  /** Does the work and returns what tells its result. */
  readonly run: () => () => void
  readonly fail: (error: SkepError) => void
}

export interface Hooks {
  /** Runs at the end of each transaction, inside it; what it returns runs once that is committed. */
  readonly lastly: () => () => void
  /** Runs after a transaction was undone. */
  readonly undone: () => void
}

/**
 * Runs all work of one turn of the event loop in one transaction. What must survive a power cut then waits for the disk,
 * together with all that was committed while the disk was busy. The wait is outside SQLite (`synchronous = NORMAL`, and
 * its log is synced here), because inside it would stop the event loop: 0.2 ms on a good disk, 50 ms on an SD card.
 */
export class GroupCommit {
  readonly #database: DatabaseSync
  readonly #log: FileHandle
  readonly #hooks: Hooks
  #batch: Work[] = []
  #syncing: Promise<void> = Promise.resolve()
  #nextSync: Promise<void> | undefined

  private constructor(database: DatabaseSync, log: FileHandle, hooks: Hooks) {
    this.#database = database
    this.#log = log
    this.#hooks = hooks
  }

  static async open(database: DatabaseSync, file: string, hooks: Hooks): Promise<GroupCommit> {
    // The log only: to open and close the database file beside SQLite would drop SQLite's lock on it.
    return new GroupCommit(database, await open(`${file}-wal`, 'r'), hooks)
  }

  /** Resolves when the work is committed: it survives the end of this process. A SkepError must come before any change. */
  run<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#batch.push({ run: () => attempt(work, resolve, reject), fail: reject })
      if (this.#batch.length === 1) setImmediate(() => this.#flush())
    })
  }

  /** Resolves when the work is on the disk: it survives the end of the machine. */
  async runDurably<T>(work: () => T): Promise<T> {
    const result = await this.run(work)
    await this.#sync()
    return result
  }

  async close(): Promise<void> {
    this.#flush()
    await this.#sync()
    await this.#log.close()
  }

  #flush(): void {
    const batch = this.#batch
    this.#batch = []
    if (batch.length === 0) return
    try {
      for (const tell of this.#transact(batch)) tell()
    } catch (error) {
      for (const { fail } of batch) fail(fileFailed(error))
    }
  }

  #transact(batch: readonly Work[]): (() => void)[] {
    try {
      this.#database.exec('BEGIN IMMEDIATE')
      const told = batch.map(({ run }) => run())
      told.push(this.#hooks.lastly())
      this.#database.exec('COMMIT')
      return told
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      this.#hooks.undone()
      throw error
    }
  }

  /** Starts when the running sync has ended, and is shared by all who come until then. */
  #sync(): Promise<void> {
    this.#nextSync ??= this.#syncing.then(() => {
      this.#nextSync = undefined
      const synced = this.#log.datasync()
      this.#syncing = synced.catch(() => undefined) // each who waits for it is told
      return synced.catch((error: unknown) => Promise.reject(fileFailed(error)))
    })
    return this.#nextSync
  }
}

function attempt<T>(work: () => T, resolve: (value: T) => void, reject: (error: SkepError) => void): () => void {
  try {
    const value = work()
    return () => resolve(value)
  } catch (error) {
    if (error instanceof SkepError) return () => reject(error)
    throw error
  }
}

export function fileFailed(cause: unknown): SkepError {
  if (cause instanceof SkepError) return cause
  return new SkepError('queue_unavailable', `The queue's file failed: ${messageOf(cause)}.`, {
    cause,
    hint: 'Look at the free space and the permissions of the data folder.',
    retryAfterSeconds: 1,
  })
}
