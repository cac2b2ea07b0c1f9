import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { SkepError } from '../gateway/core/errors.ts'
import { filesOf } from './context-files.ts'
import { written } from './context-out.ts'
import type { Context } from './context.ts'
import { templatesIn, type Template } from './template.ts'
import { templateSource, withSource } from './template-source.ts'

export interface Pull {
  /** A folder or an address, as `templateSource` reads it. */
  readonly source: string
  /** Only this template; it gets this name, whose `@ref` says which ref of the source. All of them when left out. */
  readonly name?: string | undefined
  /** Takes the place of a template of that name. Otherwise what is there stays. */
  readonly overwrite?: boolean | undefined
}

export interface Pulled {
  readonly written: readonly string[]
  readonly kept: readonly string[]
}

/** Copies templates to ./template/NAME (NAME@REF, when the source has a ref). */
export async function pullTemplates(context: Context, { source, name, overwrite }: Pull): Promise<Pulled> {
  const [only, refOfName] = name?.split('@', 2) ?? []
  const { address, ref = refOfName } = templateSource(source)
  return withSource(context, { address, ref }, async (folder) => {
    const found = (await templatesWithin(folder)).filter((template) => only === undefined || template.name === only)
    if (found.length === 0) throw noTemplates(address, only)
    const named = found.map((template) => ({ ...template, name: name ?? nameWithRef(template.name, ref) }))
    return copyTemplates(context, named, overwrite)
  })
}

/** Copies templates to ./template/NAME. All of them are looked at before anything is written. */
export async function copyTemplates(
  context: Context,
  templates: readonly Template[],
  overwrite = false,
): Promise<Pulled> {
  const placeOf = (name: string) => join(context.cwd, 'template', name)
  const kept = templates.filter(({ name }) => !overwrite && existsSync(placeOf(name)))
  const fresh = templates.filter((template) => !kept.includes(template))
  const files = await Promise.all(fresh.map(({ folder }) => filesOf(folder, '', [])))
  for (const [index, { name }] of fresh.entries()) await written(files[index] ?? [], placeOf(name))
  return { written: fresh.map(({ name }) => name), kept: kept.map(({ name }) => name) }
}

const nameWithRef = (name: string, ref: string | undefined) =>
  ref === undefined ? name : `${name}@${ref.replaceAll('/', '-')}`

/** The templates of a source; a link that leads out of it makes none. */
async function templatesWithin(folder: string): Promise<Template[]> {
  const root = await realpath(folder)
  const templates = await templatesIn(join(folder, 'template'))
  const places = await Promise.all(templates.map((template) => realpath(template.folder)))
  return templates.filter((_, index) => places[index]?.startsWith(join(root, '/')))
}

const noTemplates = (address: string, name: string | undefined) =>
  new SkepError('invalid_request', `${address} has no template${name === undefined ? 's' : ` "${name}"`}.`, {
    hint: 'A template is a folder template/NAME with a template.yml in it.',
  })
