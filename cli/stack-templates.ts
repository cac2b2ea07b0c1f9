import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { asSkepError } from '../gateway/core/errors.ts'
import type { Context } from './context.ts'
import { envsubst } from './envsubst.ts'
import { parseRawYaml } from './raw-yaml.ts'
import { findStackFile, readStackFile } from './stack-file.ts'
import { StackFile, withoutNulls } from './stack-schema.ts'
import { isTemplateName, shippedTemplates } from './template.ts'
import { copyTemplates, pullTemplates, type Pulled } from './template-pull.ts'
import { findInStore, readTemplateStore, type StoreOptions } from './template-store.ts'

/** An entry of a stack file's configuration.templates: without a source it is the store's, without a name it is all of them. */
export interface NamedSource {
  readonly name?: string | undefined
  readonly source?: string | undefined
}

/** What a stack file says of templates, read without its other rules: it may have no function yet. */
export async function templateSources(context: Context, named: string | undefined): Promise<readonly NamedSource[]> {
  const file = named ?? (await findStackFile(context.cwd))
  if (file === undefined) return []
  const text = await readStackFile(context.cwd, file)
  const { value } = parseRawYaml(envsubst(text, context.env.variables, file))
  return (
    StackFile.pick({ configuration: true }).strip().safeParse(withoutNulls(value)).data?.configuration.templates ?? []
  )
}

export type PullOptions = StoreOptions & { readonly overwrite?: boolean }

/**
 * Pulls the templates that are not in ./template yet: from where the stack file says, else from the store, but for
 * those that come with Skep. What is nowhere is left to `findTemplate`, which says so.
 */
export async function pullMissingTemplates(
  context: Context,
  templates: readonly string[],
  sources: readonly NamedSource[],
  options: StoreOptions,
): Promise<void> {
  const isThere = (name: string) => existsSync(join(context.cwd, 'template', name))
  const missing = [...new Set(templates)].filter(
    (name) => isTemplateName(name) && name.toLowerCase() !== 'dockerfile' && !isThere(name),
  )
  if (missing.length === 0) return
  const shipped = (await shippedTemplates()).map(({ name }) => name)
  for (const name of missing) {
    const source = (sources.find((entry) => entry.name === name) ?? sources.find((entry) => !entry.name))?.source
    if (source === undefined && shipped.includes(name)) continue
    const pulled = await pullNamed(context, { name, source }, options).catch((error: unknown) => {
      if (source === undefined && asSkepError(error).code === 'not_found') return { written: [] }
      throw error
    })
    for (const written of pulled.written) context.out.note(`pulled the template ${written} to template/${written}`)
  }
}

/** From its source, or by its name from the store: Skep's own are copied, others pulled from their repository. */
export async function pullNamed(
  context: Context,
  { name = '', source }: NamedSource,
  options: PullOptions,
): Promise<Pulled> {
  const { overwrite } = options
  if (source !== undefined) return pullTemplates(context, { source, name: name || undefined, overwrite })
  const entry = findInStore(await readTemplateStore(context, options), name)
  const [, ref] = name.split('@')
  const full = ref === undefined ? entry.template : `${entry.template}@${ref}`
  if (entry.repo !== '') return pullTemplates(context, { source: entry.repo, name: full, overwrite })
  const own = (await shippedTemplates()).filter((template) => template.name === entry.template)
  return copyTemplates(context, own, overwrite)
}
