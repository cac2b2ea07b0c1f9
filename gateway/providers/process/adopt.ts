import { rmSync } from 'node:fs'
import type { Book } from './book.ts'
import { remembered, type ReplicaRecord, type Running } from './records.ts'
import type { Prepared, Shelf } from './shelf.ts'
import { isAlive, isStopped, signalGroup } from './signal.ts'

/** Takes over what earlier gateways started: what runs goes on, of what has ended the log is kept. */
export async function adoptReplicas(replicasDir: string, shelf: Shelf, book: Book): Promise<void> {
  const prepared = new Map((await shelf.all()).map((each) => [each.revision.id, each]))
  for (const record of remembered(replicasDir)) {
    const own = prepared.get(record.revision)
    if (!own) discard(record)
    else if (isAlive(record)) book.found(runningOf(record, own))
    else book.ended(record)
  }
}

/** Its revision was being removed when that gateway ended. */
function discard(record: ReplicaRecord): void {
  signalGroup(record, 'SIGKILL')
  rmSync(record.folder, { recursive: true, force: true })
}

function runningOf(record: ReplicaRecord, { revision }: Prepared): Running {
  const { id, pid, startTicks, port, folder, log } = record
  const replica = { id, revision: revision.id, address: { host: '127.0.0.1', port }, paused: isStopped(record) }
  return { replica, revision, pid, startTicks, isAdopted: true, folder, log }
}
