import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Replica, Revision } from '../../core/ports.ts'
import { writeWhole } from './files.ts'
import { ReplicaLog } from './log.ts'
import type { Leader } from './signal.ts'

/** A replica that runs. */
export interface Running extends Leader {
  readonly replica: Replica
  readonly revision: Revision
  /** An earlier gateway started it: nobody tells when it ends. */
  readonly isAdopted: boolean
  /** Has its log, its working directory and its record. */
  readonly folder: string
  readonly log: ReplicaLog
}

/** One that ended; its log is kept for a while. */
export interface Ended {
  readonly id: string
  readonly revision: string
  readonly function: string
  readonly folder: string
  readonly log: ReplicaLog
}

const RecordFile = z.object({
  revision: z.string(),
  function: z.string(),
  pid: z.int(),
  startTicks: z.int(),
  port: z.int(),
})

export type ReplicaRecord = z.infer<typeof RecordFile> & Ended

const fileIn = (folder: string): string => join(folder, 'replica.json')

export function remember({ replica, revision, pid, startTicks, folder }: Running): void {
  const record = { revision: revision.id, function: revision.function, pid, startTicks, port: replica.address.port }
  writeWhole(fileIn(folder), JSON.stringify(record satisfies z.infer<typeof RecordFile>))
}

/** What earlier gateways started, whether it still runs or not, the oldest first. A folder without a record is removed. */
export function remembered(replicasDir: string): ReplicaRecord[] {
  const folders = existsSync(replicasDir)
    ? readdirSync(replicasDir).map((id) => ({ id, folder: join(replicasDir, id) }))
    : []
  const found = folders.flatMap(({ id, folder }) => {
    const { data } = RecordFile.safeParse(readJson(fileIn(folder)))
    if (data) return [{ ...data, id, folder, log: new ReplicaLog(folder) }]
    rmSync(folder, { recursive: true, force: true })
    return []
  })
  return found.toSorted((a, b) => startOf(a) - startOf(b))
}

const startOf = ({ folder }: ReplicaRecord): number => statSync(fileIn(folder)).mtimeMs

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined // never written whole: the gateway, or the machine, was stopped before
  }
}
