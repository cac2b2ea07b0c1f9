import { lstat } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { SkepError } from '../gateway/core/errors.ts'
import { fileOf, filesOf, rulesOf, type ContextFile, type Rules } from './context-files.ts'
import { runtimeFolders, type Template } from './template.ts'

export interface ContextOptions {
  readonly cwd: string
  /** The handler's folder. */
  readonly handler: string
  /** None: the handler's folder brings its own Dockerfile. */
  readonly template: Template | undefined
  /** Files and folders below `cwd` that go beside the handler. */
  readonly copy: readonly string[]
}

/** What a build is sent: the template, its runtime as `runtime/`, the handler as `function/`; later ones win. Sorted by path. */
export async function buildContext({ cwd, handler, template, copy }: ContextOptions): Promise<ContextFile[]> {
  await mustBeFolder(handler)
  const to = template?.handler_folder ?? ''
  const own = await rulesBelow(to, handler)
  const outer = template ? [await rulesOf(template.folder, ['!Dockerfile', '/template.yml', '/.dockerignore'])] : []
  const runtimes = template?.runtime ? await runtimeFolders(template.runtime) : []
  const parts = [
    ...(template ? [templateFiles(template, outer)] : []),
    ...runtimes.map(([to, folder]) => filesOf(folder, to, outer)),
    filesOf(handler, to, [own, ...outer]),
    ...copy.map((path) => extraFiles(cwd, path, to, outer)),
  ]
  const byPath = new Map((await Promise.all(parts)).flat().map((file) => [file.path, file]))
  return [...byPath.values()].toSorted((one, other) => (one.path < other.path ? -1 : 1))
}

/** With a runtime the scaffold's own handler stays out, or the runtime might load that one. */
async function templateFiles(template: Template, rules: readonly Rules[]): Promise<ContextFile[]> {
  const files = await filesOf(template.folder, '', rules)
  return template.runtime ? files.filter(({ path }) => !path.startsWith(`${template.handler_folder}/`)) : files
}

/** The .dockerignore beside a handler speaks of the handler's folder. As in faas-cli, `build` and `template` there stay out. */
async function rulesBelow(to: string, handler: string): Promise<Rules> {
  const { keeps, hasExceptions } = await rulesOf(handler, [
    '.git',
    '.dockerignore',
    '/build',
    '/template',
    ...(to === '' ? ['!Dockerfile'] : []),
  ])
  return { keeps: (path) => keeps(relative(to, path)), hasExceptions }
}

async function extraFiles(cwd: string, path: string, to: string, rules: readonly Rules[]): Promise<ContextFile[]> {
  const source = resolve(cwd, path)
  const inside = relative(cwd, source)
  if (inside === '' || inside.startsWith('..')) {
    throw new SkepError('invalid_request', `${path} cannot be copied: only what lies below this folder can.`, {
      hint: whatIsCopied,
    })
  }
  const stats = await lstat(source).catch(() => undefined)
  if (stats === undefined)
    throw new SkepError('invalid_request', `There is no ${path} to copy.`, { hint: whatIsCopied })
  if (stats.isDirectory()) return filesOf(source, join(to, inside), rules)
  return [await fileOf(resolve(source, '..'), basename(source), join(to, inside, '..'), stats)]
}

const whatIsCopied = 'Correct configuration.copy in the stack file, or --copy-extra.'

async function mustBeFolder(handler: string): Promise<void> {
  const stats = await lstat(handler).catch(() => undefined)
  if (stats?.isDirectory()) return
  throw new SkepError('invalid_request', `There is no folder ${handler}.`, {
    hint: 'The field "handler" names the folder of a function, relative to the stack file or to this folder.',
  })
}
