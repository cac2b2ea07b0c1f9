import { stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { SkepError } from '../../core/errors.ts'
import type { Revision } from '../../core/ports.ts'
import type { Progress } from '../../core/progress.ts'
import { requireSecrets } from '../../core/secrets.ts'
import type { FunctionSpec } from '../../core/spec.ts'
import { bringDependencies, type Tools } from './install.ts'
import { chooseRuntime } from './runtime.ts'
import { folderDigest } from './folder-digest.ts'
import type { SecretFiles } from './secrets.ts'
import { copyFolder } from './snapshot.ts'

export interface PrepareTools extends Tools {
  readonly runtimesDir: string
  readonly secrets: SecretFiles
}

/** Copies the handler's folder, so that an edit changes no revision that runs, and installs its dependencies. */
export async function prepareRevision(tools: PrepareTools, revision: Revision, progress: Progress): Promise<void> {
  if (await tools.shelf.find(revision.id)) return
  const { spec } = revision
  const source = await folderOf(spec)
  requireSecrets(spec, await tools.secrets.list())
  const runtime = await chooseRuntime(tools.runtimesDir, spec, source)
  for (const ignored of notKept(spec)) progress(`${ignored} has no effect here: the process provider does not isolate.`)
  await tools.shelf.add(revision, async (draft) => {
    const folder = join(draft, 'function')
    await copyFolder(source, folder, { leaveOut: runtime.install?.makes })
    const dependencies =
      runtime.install && (await bringDependencies(tools, runtime.install, { source, folder }, progress))
    return { runtime: runtime.name, dependencies }
  })
}

/** A hash of all that `prepareRevision` would copy. */
export async function digestOf({ runtimesDir }: PrepareTools, spec: FunctionSpec): Promise<string> {
  const source = await folderOf(spec)
  const { install } = await chooseRuntime(runtimesDir, spec, source)
  return folderDigest(source, install?.makes)
}

async function folderOf({ image }: FunctionSpec): Promise<string> {
  const path = image.startsWith('dir:') ? image.slice('dir:'.length) : undefined
  if (path === undefined) {
    throw refused(`The process provider runs folders, not the image "${image}".`, 'Deploy dir:/path/to/the/handler.')
  }
  if (!isAbsolute(path)) throw refused(`"${path}" is not an absolute path.`, 'Deploy dir:/path/to/the/handler.')
  const stats = await stat(path).catch(() => undefined)
  if (stats?.isDirectory()) return path
  throw refused(`There is no folder ${path}.`, 'The gateway reads it on its own machine: is it there?')
}

function notKept({ limits, readOnlyRootFilesystem, constraints }: FunctionSpec): string[] {
  const asked = {
    'limits.cpu': limits.cpu !== undefined,
    readOnlyRootFilesystem,
    constraints: constraints.length > 0,
  }
  return Object.entries(asked).flatMap(([name, isAsked]) => (isAsked ? [name] : []))
}

const refused = (message: string, hint: string): SkepError => new SkepError('invalid_request', message, { hint })
