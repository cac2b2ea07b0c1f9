import { once } from 'node:events'
import { PassThrough, type Writable } from 'node:stream'
import type { LogLine, LogQuery } from '../core/ports.ts'
import type { Book } from './docker-book.ts'
import { readLines } from './docker-logs.ts'
import type { Place } from './docker-place.ts'
import { containersOf, type ReplicaContainer } from './docker-survey.ts'

/** The lines of all replicas of a function as they come, also of those that start meanwhile. */
export async function* functionLogs(place: Place, book: Book, query: LogQuery): AsyncGenerator<LogLine> {
  const stop = new AbortController()
  const all = { ...query, signal: AbortSignal.any([query.signal, stop.signal]) }
  const lines = new PassThrough({ objectMode: true })
  const seen = new Set<string>()
  const read = async (from: ReplicaContainer, one: LogQuery): Promise<void> => {
    if (seen.has(from.replica) || (query.replica ?? from.replica) !== from.replica) return
    seen.add(from.replica)
    await copy(place, from, { query: one, lines })
  }
  const leave = query.follow ? watchStarts(book, query.function, (from) => read(from, fromStart(all))) : () => {}
  const present = containersOf(place, query.function).then((found) => Promise.all(found.map((from) => read(from, all))))
  Promise.all([present, query.follow ? abortOf(query.signal) : undefined]).then(
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

async function copy(
  { engine }: Place,
  { container, replica }: ReplicaContainer,
  { query, lines }: { query: LogQuery; lines: Writable },
): Promise<void> {
  for await (const line of readLines(engine, container, query)) {
    if (lines.write({ ...line, replica })) continue
    await once(lines, 'drain', { signal: query.signal }).catch(() => {}) // aborted: the lines end with it
  }
}

/** What starts while one listens is new from its first line. */
const fromStart = ({ function: key, signal }: LogQuery): LogQuery => ({ function: key, follow: true, signal })

function watchStarts(book: Book, key: string, read: (from: ReplicaContainer) => Promise<void>): () => void {
  return book.watch((event) => {
    const placed = event.type === 'up' ? book.find(event.replica.id) : undefined
    if (placed?.revision.function !== key) return
    // The engine has gone away: whoever reads hears it from the other replicas, or reads on when it is back.
    void read({ container: placed.container, replica: placed.replica.id }).catch(() => {})
  })
}

const abortOf = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort')
}
