import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { SkepError } from '../gateway/core/errors.ts'
import type { Context } from './context.ts'
import { git } from './git.ts'

/** Where templates come from: a folder, or the address of a git repository, with a branch, a tag or `sha-<commit>` behind `#`. */
export interface TemplateSource {
  readonly address: string
  readonly ref: string | undefined
}

export function templateSource(text: string): TemplateSource {
  const at = text.indexOf('#')
  const address = at < 0 ? text : text.slice(0, at)
  const ref = at < 0 ? undefined : text.slice(at + 1)
  if (address === '' || address.startsWith('-')) throw invalid(`"${text}" is no address of templates.`)
  // git reads a ref that begins with a dash as a flag.
  if (ref !== undefined && (!/^\w[\w./+-]*$/.test(ref) || ref.includes('..'))) {
    throw invalid(`"${ref}" is no branch, no tag and no sha-<commit>.`)
  }
  return { address, ref }
}

/** Hands the folder of the source to `use`; a repository is cloned for that long. */
export async function withSource<T>(
  context: Context,
  { address, ref }: TemplateSource,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = resolve(context.cwd, address)
  if (!isAddress(address) && !existsSync(folder)) throw nothingThere(address)
  if (ref === undefined && (existsSync(join(folder, 'template')) || isPlainFolder(folder))) return use(folder)
  const clone = await mkdtemp(join(tmpdir(), 'skep-templates-'))
  try {
    await cloned(context, { address, ref }, clone)
    return await use(clone)
  } finally {
    await rm(clone, { recursive: true, force: true })
  }
}

/** `https://…`, `ssh://…`, `file://…`, or `git@host:path`. */
const isAddress = (address: string) => /^((https?|ssh|git|file):\/\/|[\w.-]+@[\w.-]+:)/.test(address)

/** Neither the work tree of a repository nor a bare one. */
const isPlainFolder = (folder: string) =>
  existsSync(folder) && !['.git', 'HEAD'].some((name) => existsSync(join(folder, name)))

async function cloned(context: Context, { address, ref }: TemplateSource, folder: string): Promise<void> {
  const commit = ref?.startsWith('sha-') ? ref.slice('sha-'.length) : undefined
  const how =
    commit === undefined ? ['--depth=1', ...(ref === undefined ? [] : [`--branch=${ref}`])] : ['--no-checkout']
  const options = { cwd: context.cwd, env: context.env.variables }
  await git(['clone', '--quiet', '--config', 'core.autocrlf=false', ...how, '--', address, folder], options)
  if (commit !== undefined) await git(['checkout', '--quiet', '--detach', commit], { ...options, cwd: folder })
}

const invalid = (message: string) =>
  new SkepError('invalid_request', message, {
    hint: 'Give a folder or the address of a git repository, such as https://example.org/templates.git#v1.',
  })

const nothingThere = (address: string) => invalid(`${address} is neither a folder nor the address of a git repository.`)
