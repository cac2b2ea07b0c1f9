import { closeSync, openSync, readSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LogTimes } from './times.ts'

/** A file that is larger is cut; its end is kept beside it. */
const largestBytes = 10 * 1024 * 1024
const keptBytes = 5 * 1024 * 1024
const chunkBytes = 64 * 1024

/**
 * What one replica prints. It writes straight into a file: so it goes on when the gateway does not, and a babbler costs
 * the gateway nothing. The gateway measures the file every now and then, notes the time, and cuts it. All of this is
 * synchronous and short, so that no cut comes between looking and reading. Offsets count all that was ever printed.
 */
export class ReplicaLog {
  readonly #file: string
  /** What was cut off last: the bytes before those of the file. */
  readonly #before: string
  readonly #times: LogTimes

  constructor(folder: string) {
    this.#file = join(folder, 'log')
    this.#before = join(folder, 'log.before')
    this.#times = new LogTimes(join(folder, 'log.times'))
  }

  /** For the replica to write into; the one who opens it closes it. */
  open(): number {
    return openSync(this.#file, 'a', 0o600)
  }

  measure(): void {
    const size = sizeOf(this.#file)
    this.#times.mark(this.#times.begin + size)
    if (size > largestBytes) this.#cut(size)
  }

  get end(): number {
    return this.#times.end
  }

  /** A piece of what is there from `offset` on, or from the first byte that is still there; empty at `end`. */
  read(offset: number, end: number): { offset: number; bytes: Buffer } {
    const { begin } = this.#times
    const beginBefore = begin - sizeOf(this.#before)
    const from = Math.max(offset, beginBefore)
    const most = Math.min(chunkBytes, Math.max(end - from, 0))
    const bytes = from < begin ? readAt(this.#before, from - beginBefore, most) : readAt(this.#file, from - begin, most)
    return { offset: from, bytes }
  }

  /** When the byte before `offset` was written. */
  writtenAt(offset: number): Date {
    return this.#times.at(offset)
  }

  /** What is printed between the copy and the cut is lost: microseconds' worth, of a replica that babbles. */
  #cut(size: number): void {
    writeFileSync(this.#before, readAt(this.#file, size - keptBytes, keptBytes), { mode: 0o600 })
    truncateSync(this.#file)
    const begin = this.#times.begin + size
    this.#times.cut(begin, begin - keptBytes)
  }
}

/** 0 when it is not there: nothing was cut yet, or it was removed with its function. */
const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

function readAt(file: string, position: number, length: number): Buffer {
  if (sizeOf(file) <= position) return Buffer.alloc(0)
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.allocUnsafe(length)
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position))
  } finally {
    closeSync(descriptor)
  }
}
