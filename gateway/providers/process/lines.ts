import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { LogLine, LogQuery } from '../../core/ports.ts'
import type { ReplicaLog } from './log.ts'

/** A replica that writes without ever ending a line must not fill the gateway's memory. */
const longestLine = 1024 * 1024
const lookEveryMs = 200

export interface ReadableLog {
  readonly replica: string
  readonly log: ReplicaLog
  /** Its replica has ended: nothing more comes. */
  readonly isFinal: boolean
}

/** The lines of all logs that `find` finds, again and again if they are followed: files cannot say that they grow. */
export async function* readLogs(find: () => ReadableLog[], query: LogQuery): AsyncGenerator<LogLine> {
  const { signal, follow, since, tail } = query
  const readers = new Map<string, LineReader>()
  const linesOf = async function* (found: ReadableLog): AsyncGenerator<LogLine> {
    const reader = readers.get(found.replica) ?? new LineReader(found)
    readers.set(found.replica, reader)
    for await (const line of reader.lines(found.isFinal || !follow)) {
      if (since === undefined || line.at >= since) yield line
    }
  }
  for (const found of find()) yield* lastOf(linesOf(found), tail)
  while (follow && !signal.aborted) {
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined)
    for (const found of find()) if (!signal.aborted) yield* linesOf(found)
  }
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

  async *lines(isFinal: boolean): AsyncGenerator<LogLine> {
    this.#log.measure()
    for (;;) {
      const { offset, bytes } = this.#log.read(this.#offset)
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
