import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { SkepError } from '../gateway/core/errors.ts'
import { filesOf } from './context-files.ts'
import type { TagMode } from './options.ts'

/** The image with its tag, as faas-cli's --tag makes it: from the file, from git, or from the handler's content. */
export async function imageName(image: string, mode: TagMode, cwd: string, handler?: string): Promise<string> {
  if (image.startsWith('dir:')) return image // a folder has no tag
  const { name, tag } = splitImage(image)
  if (mode === 'latest') return `${name}:${tag}`
  if (mode === 'digest') return `${name}:${await digestOf(handler)}`
  if (mode === 'describe') return `${name}:${tag}-${await git(cwd, 'describe', '--tags', '--always')}`
  const sha = await git(cwd, 'rev-parse', '--short=7', 'HEAD')
  if (mode === 'sha') return `${name}:${tag}-${sha}`
  const branch = await git(cwd, 'rev-parse', '--abbrev-ref', 'HEAD')
  return `${name}:${tag}-${branch.replaceAll('/', '_')}-${sha}`
}

/** `latest` when no tag is written. The port of a registry is none. */
export function splitImage(image: string): { name: string; tag: string } {
  const [, name = image, tag = 'latest'] = /^(.*?)(?::([^:/]+))?$/.exec(image) ?? []
  return { name, tag }
}

async function git(cwd: string, ...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', words, { cwd }).catch((cause: unknown) => {
    throw new SkepError('invalid_request', `git cannot tell a tag for the image ("git ${words.join(' ')}" failed).`, {
      cause,
      hint: 'Commit first, or leave --tag out.',
    })
  })
  return stdout.trim()
}

async function digestOf(handler: string | undefined): Promise<string> {
  if (handler === undefined) {
    throw new SkepError('invalid_request', '--tag digest needs functions with a handler.', {
      hint: 'Leave --tag out, or choose with --filter those that have one.',
    })
  }
  const hash = createHash('md5')
  for (const { path, source, link } of await filesOf(handler, '', [])) {
    hash.update(path).update(link ?? (await readFile(source)))
  }
  return hash.digest('hex')
}
