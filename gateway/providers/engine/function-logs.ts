import { once } from 'node:events'
import { PassThrough, type Writable } from 'node:stream'
import type { LogLine, LogQuery } from '../../core/ports.ts'
import type { Line } from './log-lines.ts'
import type { LinesQuery } from './logs.ts'

/** The log of one replica. */
export interface LogSource {
  readonly replica: string
  readonly node?: string | undefined
  lines(query: LinesQuery): AsyncIterable<Line>
}

/** Where the logs of a function's replicas are. */
export interface LogSources {
  present(key: string): Promise<readonly LogSource[]>
  /** Tells of each replica that starts from now on; returns the way to stop it. */
  watch(key: string, started: (source: LogSource) => void): () => void
}

/** The lines of all replicas of a function as they come, also of those that start meanwhile. */
export async function* functionLogs(sources: LogSources, query: LogQuery): AsyncGenerator<LogLine> {
  const { function: key, follow } = query
  const stop = new AbortController()
  const all = { ...query, signal: AbortSignal.any([query.signal, stop.signal]) }
  const lines = new PassThrough({ objectMode: true })
  const seen = new Set<string>()
  const read = async (from: LogSource, one: LinesQuery): Promise<void> => {
    if (seen.has(from.replica) || (query.replica ?? from.replica) !== from.replica) return
    seen.add(from.replica)
    await copy(from, one, lines)
  }
  // What starts while one listens is new from its first line.
  const fromStart = { follow: true, signal: all.signal }
  // The engine has gone away: whoever reads hears it from the other replicas, or reads on when it is back.
  const leave = follow ? sources.watch(key, (from) => void read(from, fromStart).catch(() => {})) : () => {}
  const present = sources.present(key).then((found) => Promise.all(found.map((from) => read(from, all))))
  Promise.all([present, follow ? abortOf(query.signal) : undefined]).then(
    () => lines.end(),
    (error: unknown) => lines.destroy(error as Error),
  )
  try {
    yield* lines
  } finally {
    leave()
    stop.abort()
  }
}

async function copy(source: LogSource, query: LinesQuery, to: Writable): Promise<void> {
  const { replica, node } = source
  for await (const line of source.lines(query)) {
    if (to.write({ ...line, replica, ...(node === undefined ? {} : { node }) })) continue
    await once(to, 'drain', { signal: query.signal }).catch(() => {}) // aborted: the lines end with it
  }
}

const abortOf = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort')
}
