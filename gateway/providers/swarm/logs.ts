import type { Book } from '../engine/book.ts'
import type { LogSource, LogSources } from '../engine/function-logs.ts'
import { type LinesQuery, readLines } from '../engine/logs.ts'
import type { Census, Placed } from './census.ts'
import type { SwarmPlace } from './place.ts'

/** The logs of tasks, which a manager fetches from their nodes. */
export function swarmLogs({ engine }: SwarmPlace, book: Book<Placed>, census: Census): LogSources {
  const sourceOf = ({ replica, task }: Placed): LogSource => ({
    replica: replica.id,
    node: replica.node,
    async *lines(query: LinesQuery) {
      const ended = new AbortController() // a manager does not end the log of a task that has ended
      const leave = book.watch((event) => event.type === 'gone' && event.id === replica.id && ended.abort())
      try {
        yield* readLines(engine, `tasks/${task}`, { ...query, signal: AbortSignal.any([query.signal, ended.signal]) })
      } finally {
        leave()
      }
    },
  })
  return {
    async present(key) {
      await census.look()
      return book.all.filter(({ revision }) => revision.function === key).map(sourceOf)
    },
    watch: (key, started) =>
      book.watch((event) => {
        const placed = event.type === 'up' ? book.find(event.replica.id) : undefined
        if (placed?.revision.function === key) started(sourceOf(placed))
      }),
  }
}
