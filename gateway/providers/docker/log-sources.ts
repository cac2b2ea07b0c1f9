import type { Book } from '../engine/book.ts'
import type { LogSource, LogSources } from '../engine/function-logs.ts'
import { readLines } from '../engine/logs.ts'
import type { Place } from '../engine/place.ts'
import type { LastLogs } from './last-logs.ts'
import { containersOf, type Placed, type ReplicaContainer } from '../engine/survey.ts'

/** The logs of this engine's containers, and of those that have ended. */
export function dockerLogs(place: Place, book: Book<Placed>, last: LastLogs): LogSources {
  const sourceOf = ({ container, replica }: ReplicaContainer): LogSource => ({
    replica,
    lines: (query) => readLines(place.engine, `containers/${container}`, query),
  })
  return {
    present: async (key) => {
      const here = (await containersOf(place, key)).map(sourceOf)
      return [...last.of(key), ...here] // first, because a container that has ended may be gone when it is read
    },
    watch: (key, started) =>
      book.watch((event) => {
        const placed = event.type === 'up' ? book.find(event.replica.id) : undefined
        if (placed?.revision.function !== key) return
        started(sourceOf({ container: placed.container, replica: placed.replica.id }))
      }),
  }
}
