import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { LogMerge } from '../../core/log-merge.ts'
import type { LogLine, LogQuery } from '../../core/ports.ts'
import type { ReplicaLog } from './log.ts'

/** A replica that writes without ever ending a line must not fill the gateway's memory. */
const longestLine = 1024 * 1024
const lookEveryMs = 200
/** All of it is in files: none is waited for. */
const patienceMs = 5000

export interface ReadableLog {
  readonly replica: string
  readonly log: ReplicaLog
  /** Its replica has ended: nothing more comes. */
  readonly isFinal: boolean
}

/**
 * The lines of all logs that `find` finds, in order of time, again and again if they are followed: files cannot say that
 * they grow. Each look reads what was there when it began, so that the next one has only lines that are later.
 */
export async function* readLogs(find: () => ReadableLog[], query: LogQuery): AsyncGenerator<LogLine> {
  const { signal, follow, tail } = query
  const readers = new Map<string, LineReader>()
  const look = (count?: number): LogMerge => {
    const found = find()
    for (const { log } of found) log.measure()
    const merge = new LogMerge(patienceMs)
    for (const one of found) {
      const reader = readers.get(one.replica) ?? new LineReader(one)
      readers.set(one.replica, reader)
      merge.add(lastOf(since(reader.lines(one.log.end, one.isFinal || !follow), query.since), count))
    }
    merge.complete()
    return merge
  }
  yield* look(tail)
  while (follow && !signal.aborted) {
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined)
    if (!signal.aborted) yield* look()
  }
}

async function* since(lines: AsyncIterable<LogLine>, time: Date | undefined): AsyncGenerator<LogLine> {
  for await (const line of lines) if (time === undefined || line.at >= time) yield line
}

/** The last so many, or all of them as they come. */
async function* lastOf<T>(lines: AsyncIterable<T>, count: number | undefined): AsyncGenerator<T> {
  if (count === undefined) return yield* lines
  const last: T[] = []
  for await (const line of lines) {
    last.push(line)
    if (last.length > count) last.shift()
  }
  yield* last
}

/** Goes on where it stopped. */
class LineReader {
  readonly #replica: string
  readonly #log: ReplicaLog
  #offset = 0
  /** The beginning of a line whose end is not there yet. */
  #rest: Buffer = Buffer.alloc(0)

  constructor({ replica, log }: ReadableLog) {
    this.#replica = replica
    this.#log = log
  }

  /** What is there before `end`. */
  async *lines(end: number, isFinal: boolean): AsyncGenerator<LogLine> {
    for (;;) {
      const { offset, bytes } = this.#log.read(this.#offset, end)
      if (bytes.length === 0) break
      yield* this.#split(offset, bytes)
      await setImmediate() // others want to be served too
    }
    if (!isFinal || this.#rest.length === 0) return
    yield this.#line(this.#rest, 0)
    this.#rest = Buffer.alloc(0)
  }

  *#split(offset: number, bytes: Buffer): Generator<LogLine> {
    const isGap = offset !== this.#offset
    let text = isGap ? bytes : Buffer.concat([this.#rest, bytes])
    this.#offset = offset + bytes.length
    for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10)) {
      const line = text.subarray(0, end)
      text = text.subarray(end + 1)
      yield this.#line(line, text.length)
    }
    if (text.length >= longestLine) yield this.#line(text, 0)
    this.#rest = text.length >= longestLine ? Buffer.alloc(0) : text
  }

  #line(text: Buffer, bytesBehind: number): LogLine {
    const at = this.#log.writtenAt(this.#offset - bytesBehind)
    return { replica: this.#replica, at, text: text.toString('utf8').replace(/\r$/, '') }
  }
}
