import type { Stats } from 'node:fs'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import dockerIgnore from '@balena/dockerignore'
import { SkepError } from '../gateway/core/errors.ts'

/** One file or link on its way into a build. */
export interface ContextFile {
  /** Where it goes, with forward slashes. */
  readonly path: string
  readonly source: string
  readonly executable: boolean
  readonly size: number
  /** What it points to, when it is a link. */
  readonly link?: string
  /** What is sent instead of what the source has. */
  readonly text?: string
}

/** What a .dockerignore lets through. */
export interface Rules {
  readonly keeps: (path: string) => boolean
  /** It has exceptions (`!this`), so something below an ignored folder may be wanted. */
  readonly hasExceptions: boolean
}

export async function rulesOf(folder: string, always: readonly string[] = []): Promise<Rules> {
  const text = await readFile(join(folder, '.dockerignore'), 'utf8').catch(() => '')
  const keeps = dockerIgnore
    .default({ ignorecase: false })
    .add(text)
    .add([...always])
    .createFilter()
  return { keeps, hasExceptions: /^\s*!/m.test(text) }
}

/** Everything in a folder that all rules let through, in the order of the paths. They are asked for the path below `to`. */
export async function filesOf(folder: string, to: string, rules: readonly Rules[]): Promise<ContextFile[]> {
  const looksEverywhere = rules.some(({ hasExceptions }) => hasExceptions)
  const found: ContextFile[] = []
  const walk = async (inner: string): Promise<void> => {
    for (const name of (await readdir(join(folder, inner))).toSorted()) {
      const path = join(inner, name)
      const wanted = rules.every((rule) => rule.keeps(join(to, path)))
      const stats = await lstat(join(folder, path))
      if (stats.isDirectory() && (wanted || looksEverywhere)) await walk(path)
      else if (wanted && (stats.isFile() || stats.isSymbolicLink())) found.push(await fileOf(folder, path, to, stats))
    }
  }
  await walk('.')
  return found
}

export async function fileOf(folder: string, path: string, to: string, stats: Stats): Promise<ContextFile> {
  const source = join(folder, path)
  const file = { path: join(to, path), source, executable: (stats.mode & 0o111) !== 0, size: stats.size }
  if (!stats.isSymbolicLink()) return file
  const link = await readlink(source)
  const target = relative(resolve(folder), resolve(dirname(source), link))
  if (isAbsolute(link) || target.startsWith('..')) throw leavesTheFolder(source, link)
  return { ...file, size: 0, link }
}

const leavesTheFolder = (source: string, link: string) =>
  new SkepError('invalid_request', `${source} points out of its folder, to ${link}.`, {
    hint: 'Copy the file there, list it under configuration.copy, or name it in .dockerignore.',
  })
