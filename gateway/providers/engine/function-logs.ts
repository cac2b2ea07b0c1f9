import { once } from 'node:events'
import { LogMerge } from '../../core/log-merge.ts'
import type { LogLine, LogQuery } from '../../core/ports.ts'
import type { Line } from './log-lines.ts'
import type { LinesQuery } from './logs.ts'

/** Who follows shall see a line soon; who does not would rather have them all in order, also from a node that is slow. */
const patienceMs = { following: 500, reading: 5000 }

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

/** The lines of all replicas of a function in order of time, also of those that start meanwhile. */
export async function* functionLogs(sources: LogSources, query: LogQuery): AsyncGenerator<LogLine> {
  const { function: key, follow } = query
  const stop = new AbortController()
  const signal = AbortSignal.any([query.signal, stop.signal])
  const merge = new LogMerge(follow ? patienceMs.following : patienceMs.reading)
  const seen = new Set<string>()
  const read = (from: LogSource, lines: AsyncIterable<LogLine>): void => {
    if (seen.has(from.replica) || (query.replica ?? from.replica) !== from.replica) return
    seen.add(from.replica)
    merge.add(lines)
  }
  // What starts while one listens is new from its first line.
  const started = { follow: true, signal }
  const leave = follow ? sources.watch(key, (from) => read(from, untilAway(linesOf(from, started)))) : () => {}
  try {
    for (const from of await sources.present(key)) read(from, linesOf(from, { ...query, signal }))
    if (follow) void abortOf(signal).then(() => merge.complete())
    else merge.complete()
    yield* merge
  } finally {
    leave()
    stop.abort()
  }
}

async function* linesOf(source: LogSource, query: LinesQuery): AsyncGenerator<LogLine> {
  const { replica, node } = source
  for await (const line of source.lines(query)) yield { ...line, replica, ...(node === undefined ? {} : { node }) }
}

async function* untilAway(lines: AsyncIterable<LogLine>): AsyncGenerator<LogLine> {
  try {
    yield* lines
  } catch {
    // The engine has gone away: whoever reads hears it from the other replicas, or reads on when it is back.
  }
}

const abortOf = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort')
}
