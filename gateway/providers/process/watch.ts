import { messageOf } from '../../core/errors.ts'
import type { Log } from '../../core/ports.ts'
import type { Book } from './book.ts'
import { overstepped } from './limits.ts'
import { sessions, type Sessions } from './proc.ts'
import type { Running } from './records.ts'
import type { Replicas } from './replicas.ts'
import { isAlive } from './signal.ts'

const lookEveryMs = 250
/** A look at all processes of the machine takes milliseconds. */
const looksUntilAll = 8

/**
 * Sees to what nobody tells: that a replica of an earlier gateway has ended, that a log has grown, that a limit is
 * passed. Returns the way to stop it.
 */
export function watchReplicas(book: Book, replicas: Replicas, log: Log): () => void {
  let looks = 0
  let told: string | undefined
  const look = (running: Running, all: Sessions | undefined): void => {
    if (running.isAdopted && !isAlive(running)) void replicas.bury(running.replica.id)
    const what = overstepped(running, all)
    if (what) replicas.kill(running, `It was killed: ${what}.`)
    running.log.measure()
  }
  const timer = setInterval(() => {
    const all = book.all.length > 0 && ++looks % looksUntilAll === 0 ? sessions() : undefined
    for (const running of book.all) {
      try {
        look(running, all)
      } catch (error) {
        // A full disk, for example: nothing that one more line every time would help with.
        if (told !== messageOf(error)) log.error('looking after a replica failed', { error: messageOf(error) })
        told = messageOf(error)
      }
    }
  }, lookEveryMs).unref()
  return () => clearInterval(timer)
}
