import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../../core/errors.ts'
import type { Log, Revision } from '../../core/ports.ts'
import { RevisionRecord } from '../../core/revision.ts'

/** What is kept of a prepared revision, beside its copy of the handler's folder. */
const RecordFile = z.object({
  revision: RevisionRecord.extend({ id: z.string(), function: z.string() }) satisfies z.ZodType<Revision>,
  runtime: z.string(),
  /** What the installed dependencies were made from. */
  dependencies: z.string().optional(),
})

export interface Prepared extends z.infer<typeof RecordFile> {
  /** Has the handler in `function/`. */
  readonly folder: string
}

/** The prepared revisions, each in a folder of its own. One that is there is complete: it is moved there when it is. */
export class Shelf {
  readonly #folder: string
  readonly #log: Log

  constructor(folder: string, log: Log) {
    this.#folder = folder
    this.#log = log
  }

  async find(id: string): Promise<Prepared | undefined> {
    const folder = join(this.#folder, id)
    const text = await readFile(join(folder, 'record.json'), 'utf8').catch(() => undefined)
    return text === undefined ? undefined : { ...RecordFile.parse(JSON.parse(text)), folder }
  }

  /** All that can be read; what cannot is told and left alone. */
  async all(): Promise<Prepared[]> {
    const ids = (await readdir(this.#folder).catch(() => [])).filter((name) => !name.startsWith('.'))
    const found = await Promise.all(
      ids.map((id) =>
        this.find(id).catch((error: unknown) => {
          this.#log.error('revision cannot be read', { revision: id, folder: this.#folder, error: messageOf(error) })
        }),
      ),
    )
    return found.filter((prepared) => prepared !== undefined)
  }

  /** Lets `fill` fill the folder of a new revision; nothing is left of it if that fails. */
  async add(
    revision: Revision,
    fill: (folder: string) => Promise<Omit<Prepared, 'revision' | 'folder'>>,
  ): Promise<void> {
    const draft = join(this.#folder, `.${revision.id}`)
    await rm(draft, { recursive: true, force: true })
    await mkdir(draft, { recursive: true, mode: 0o700 })
    try {
      const record = { revision, ...(await fill(draft)) }
      await writeFile(join(draft, 'record.json'), JSON.stringify(record), { mode: 0o600 })
      await rename(draft, join(this.#folder, revision.id))
    } catch (error) {
      await rm(draft, { recursive: true, force: true })
      throw error
    }
  }

  async remove(id: string): Promise<void> {
    await rm(join(this.#folder, id), { recursive: true, force: true })
  }
}
