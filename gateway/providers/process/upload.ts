import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { extract, type Headers } from 'tar-stream'
import type { ImageBuild } from '../../core/image-build.ts'

/** Unpacks what a caller sent, in place of what came before under the name; resolves with what a spec names as its image. */
export async function keepUpload(dataDir: string, { name, context, signal }: ImageBuild): Promise<string> {
  const folder = join(dataDir, 'uploads', name)
  const draft = `${folder}-${crypto.randomUUID()}` // no function's name is as long
  await mkdir(draft, { recursive: true })
  try {
    const reader = extract()
    const take = async (header: Headers, content: Readable, next: Next) =>
      next(await unpackEntry(draft, header, content).catch(asError))
    reader.on('entry', (header, content, next) => void take(header, content, next))
    await pipeline(createReadStream(context), reader, { signal })
    await rm(folder, { recursive: true, force: true })
    await rename(draft, folder)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return `dir:${folder}`
}

type Next = (error?: Error | void) => void

const asError = (error: Error): Error => error

/** Its path and its link were checked when it came. */
async function unpackEntry(draft: string, { name, type, mode, linkname }: Headers, content: Readable): Promise<void> {
  const path = join(draft, name)
  await mkdir(type === 'directory' ? path : dirname(path), { recursive: true })
  if (type === 'file') return pipeline(content, createWriteStream(path, { mode: mode ?? 0o644 }))
  if (type === 'symlink') await symlink(linkname ?? '', path)
  content.resume()
}
