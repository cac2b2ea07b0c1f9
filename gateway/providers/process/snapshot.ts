import { constants } from 'node:fs'
import { cp, lstat, readlink } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { messageOf, SkepError } from '../../core/errors.ts'

export interface CopyOptions {
  /** A name in the folder that is not copied. */
  readonly leaveOut?: string | undefined
  /** Links may lead anywhere in here. Default: the folder itself. */
  readonly within?: string
}

/** Copies a folder with its links; where the file system can, as a clone that takes no room. */
export async function copyFolder(source: string, target: string, options: CopyOptions = {}): Promise<void> {
  const leftOut = new Set(['.git', options.leaveOut])
  const filter = async (path: string): Promise<boolean> => {
    if (leftOut.has(relative(source, path))) return false
    await refuseWayOut(options.within ?? source, path)
    return true
  }
  const mode = constants.COPYFILE_FICLONE
  try {
    await cp(source, target, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, mode, filter })
  } catch (error) {
    if (error instanceof SkepError) throw error
    throw new SkepError('invalid_request', `${source} cannot be copied: ${messageOf(error)}`, {
      cause: error,
      hint: 'The gateway must be able to read all of it, and its own data must lie elsewhere.',
    })
  }
}

/** What lies outside is not part of the copy: a later change there would change the revision. */
async function refuseWayOut(folder: string, path: string): Promise<void> {
  if (!(await lstat(path)).isSymbolicLink()) return
  const link = await readlink(path)
  const inside = relative(folder, resolve(dirname(path), link))
  if (!isAbsolute(link) && !inside.startsWith('..')) return
  throw new SkepError('invalid_request', `${path} points out of its folder, to ${link}.`, {
    hint: 'Put a copy in its place.',
  })
}
