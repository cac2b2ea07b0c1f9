import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { z } from 'zod'
import { SkepError } from '../gateway/core/errors.ts'
import { didYouMean } from './nearest.ts'

/** template.yml, with the fields of OpenFaaS' templates and Skep's own `runtime`. */
const TemplateFile = z.object({
  language: z.string().default(''),
  /** The folder under runtimes/ that serves the handler; OpenFaaS' templates bring their own server. */
  runtime: z.string().optional(),
  fprocess: z.string().optional(),
  handler_folder: z.string().default('function'),
  welcome_message: z.string().optional(),
  build_options: z.array(z.object({ name: z.string(), packages: z.array(z.string()).default([]) })).default([]),
})

export interface Template extends z.infer<typeof TemplateFile> {
  readonly name: string
  readonly folder: string
}

/** Templates and runtimes lie one folder up, from the sources and from the bundle. */
const shipped = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Where a runtime goes in a build, and its folder: itself as `runtime/`, and what it is built upon beside it. */
export async function runtimeFolders(runtime: string): Promise<(readonly [string, string])[]> {
  const folder = shipped(`runtimes/${runtime}`)
  const { on } = JSON.parse(await readFile(join(folder, 'runtime.json'), 'utf8')) as { on?: string }
  return [['runtime', folder], ...(on ? [[on, shipped(`runtimes/${on}`)] as const] : [])]
}

const placesOf = (cwd: string) => [resolve(cwd, 'template'), shipped('templates')]

/** The user's own template of that name, else the one that comes with Skep. */
export async function findTemplate(cwd: string, name: string): Promise<Template> {
  for (const place of placesOf(cwd)) {
    const template = /^[\w.@-]+$/.test(name) && (await readTemplate(place, name))
    if (template) return template
  }
  const names = (await listTemplates(cwd)).map((template) => template.name)
  throw new SkepError('invalid_request', `There is no template "${name}".`, {
    hint: didYouMean(name, names) || `There are: ${names.join(', ')}. Your own go to ./template/NAME.`,
  })
}

/** Every template by name; the user's own hide the shipped ones. */
export async function listTemplates(cwd: string): Promise<Template[]> {
  const found = new Map<string, Template>()
  for (const place of placesOf(cwd)) {
    for (const name of await readdir(place).catch(() => [])) {
      const template = found.has(name) ? undefined : await readTemplate(place, name)
      if (template) found.set(name, template)
    }
  }
  return [...found.values()].toSorted((one, other) => one.name.localeCompare(other.name))
}

async function readTemplate(place: string, name: string): Promise<Template | undefined> {
  const folder = join(place, name)
  const file = join(folder, 'template.yml')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { data, error } = TemplateFile.safeParse(parse(text) ?? {})
  if (error) throw new SkepError('invalid_request', `${file}: ${z.prettifyError(error)}`)
  return { ...data, name, folder }
}
