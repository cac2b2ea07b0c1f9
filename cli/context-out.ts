import { createReadStream } from 'node:fs'
import { chmod, copyFile, mkdir, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pack, type Headers, type Pack } from 'tar-stream'
import type { ContextFile } from './context-files.ts'

/** The files as a tar that depends on nothing but them: no times, no owners, two modes. Equal input gives equal layers. */
export function packed(files: readonly ContextFile[]): Readable {
  const tar = pack()
  fill(tar, files).catch((error: Error) => tar.destroy(error))
  return tar
}

async function fill(tar: Pack, files: readonly ContextFile[]): Promise<void> {
  const mtime = new Date(0)
  for (const name of foldersOf(files)) tar.entry({ name, type: 'directory', mode: 0o755, mtime })
  for (const { path, source, executable, size, link, text } of files) {
    const header = { name: path, mode: executable ? 0o755 : 0o644, mtime }
    if (text !== undefined) tar.entry(header, text)
    else if (link !== undefined) tar.entry({ ...header, type: 'symlink', linkname: link })
    else await addFile(tar, { ...header, size }, source)
  }
  tar.finalize()
}

function addFile(tar: Pack, header: Headers, source: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const entry = tar.entry(header, (error) => (error ? reject(error) : resolve()))
    createReadStream(source).once('error', reject).pipe(entry)
  })
}

function foldersOf(files: readonly ContextFile[]): string[] {
  const folders = new Set<string>()
  for (const { path } of files) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) folders.add(folder)
  }
  return [...folders].toSorted()
}

/** The files as a folder, for those who want to build it by other means. */
export async function written(files: readonly ContextFile[], folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  for (const { path, source, executable, link } of files) {
    const target = join(folder, path)
    await mkdir(dirname(target), { recursive: true })
    if (link !== undefined) await symlink(link, target)
    else {
      await copyFile(source, target)
      await chmod(target, executable ? 0o755 : 0o644)
    }
  }
}
