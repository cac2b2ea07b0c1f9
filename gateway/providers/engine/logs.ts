import type { LogQuery } from '../../core/ports.ts'
import { type Engine, isRefusal, type EngineStream, openLogs } from './client.ts'
import { type Line, linesOf } from './log-lines.ts'

export type LinesQuery = Pick<LogQuery, 'since' | 'tail' | 'follow' | 'signal'>

/** What `containers/<id>` or `tasks/<id>` wrote, line by line; it ends when `signal` aborts or that is gone. */
export async function* readLines(engine: Engine, source: string, query: LinesQuery): AsyncGenerator<Line> {
  const stream = await openUnlessGone(engine, source, query)
  if (!stream) return
  const stop = (): void => void stream.destroy()
  query.signal.addEventListener('abort', stop)
  try {
    yield* linesOf(stream)
  } catch (error) {
    if (!query.signal.aborted) throw error // else it is only our own end of the stream
  } finally {
    query.signal.removeEventListener('abort', stop)
    stop()
  }
}

async function openUnlessGone(engine: Engine, source: string, query: LinesQuery): Promise<EngineStream | undefined> {
  if (query.signal.aborted) return undefined
  const { since, tail, follow } = query
  const options = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow,
    ...(tail === undefined ? {} : { tail }),
    ...(since === undefined ? {} : { since: (since.getTime() / 1000).toFixed(3) }),
  }
  try {
    return await openLogs(engine, source, options)
  } catch (error) {
    if (isRefusal(error, 404) || isRefusal(error, 409)) return undefined
    throw error
  }
}
