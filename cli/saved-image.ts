import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SkepError } from '../gateway/core/errors.ts'

/** An image as `docker save` tells it, unpacked; older and newer engines lay it out differently, this is in both. */
export interface SavedImage {
  readonly config: string
  readonly layers: readonly string[]
}

/** Unpacks what `docker save` writes into a folder. */
export async function readSaved(saved: Readable, folder: string): Promise<SavedImage> {
  const { extract } = await import('tar-stream')
  const files = new Map<string, string>()
  const links = new Map<string, string>()
  const tar = extract()
  tar.on('entry', ({ name, type, linkname }, content, next) => {
    if (type === 'file') {
      const file = join(folder, String(files.size))
      files.set(name, file)
      const written = createWriteStream(file)
      return void content.pipe(written.once('error', next).once('finish', () => next()))
    }
    // Layers that are alike are written once.
    if (type === 'symlink' && linkname) links.set(name, posix.join(posix.dirname(name), linkname))
    if (type === 'link' && linkname) links.set(name, linkname)
    content.resume().on('end', () => next())
  })
  await pipeline(saved, tar)
  const find = (name: string): string => {
    const file = files.get(links.get(name) ?? name)
    if (file !== undefined) return file
    throw new SkepError('push_failed', `The engine wrote the image without its part ${name}.`, {
      hint: 'Build the image again, without a cache.',
    })
  }
  const [image] = JSON.parse(await readFile(find('manifest.json'), 'utf8')) as { Config: string; Layers: string[] }[]
  return { config: find(image?.Config ?? ''), layers: (image?.Layers ?? []).map(find) }
}
