import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** A hash of a folder's files and links, whenever they were written. `leaveOut`: a name in it that does not count. */
export async function folderDigest(folder: string, leaveOut?: string): Promise<string> {
  const hash = createHash('sha256')
  const names = await readdir(folder)
  for (const name of names.sort()) {
    if (name !== '.git' && name !== leaveOut) await addTo(hash, folder, name)
  }
  return `sha256:${hash.digest('hex')}`
}

async function addTo(hash: Hash, folder: string, path: string): Promise<void> {
  const whole = join(folder, path)
  const stats = await lstat(whole)
  const isProgram = (stats.mode & 0o111) !== 0
  // The length goes before the content, so that no file can look like two.
  if (stats.isSymbolicLink()) hash.update(JSON.stringify(['link', path, await readlink(whole)]))
  else if (stats.isDirectory()) {
    hash.update(JSON.stringify(['folder', path]))
    for (const name of (await readdir(whole)).sort()) await addTo(hash, folder, join(path, name))
  } else if (stats.isFile()) {
    hash.update(JSON.stringify(['file', path, isProgram, stats.size]))
    await pipeline(createReadStream(whole), hash, { end: false })
  }
}
