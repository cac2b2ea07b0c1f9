import { readdir, readFile } from 'node:fs/promises'
import { isAbsolute, join, normalize, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { SkepError } from '../gateway/core/errors.ts'
import { problemsOf } from '../gateway/core/problems.ts'
import { didYouMean } from './nearest.ts'
import { packageFile } from './package-file.ts'

/** template.yml, with the fields of OpenFaaS' templates and Skep's own `runtime`. */
const TemplateFile = z.object({
  language: z.string().default(''),
  /** The folder under runtimes/ that serves the handler; OpenFaaS' templates bring their own server. */
  runtime: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'must name a folder of runtimes/')
    .optional(),
  fprocess: z.string().optional(),
  /** Where the handler goes in a build. It must stay in there, whoever wrote the template. */
  handler_folder: z
    .string()
    .transform((folder) => normalize(folder).replace(/\/$/, ''))
    .refine((folder) => !isAbsolute(folder) && !/^\.\.?(\/|$)/.test(folder), 'must name a folder inside the template')
    .default('function'),
  welcome_message: z.string().optional(),
  /** Its Dockerfile uses the SSH agent of who builds. */
  mount_ssh: z.boolean().optional(),
  build_options: z.array(z.object({ name: z.string(), packages: z.array(z.string()).default([]) })).default([]),
})

export interface Template extends z.infer<typeof TemplateFile> {
  readonly name: string
  readonly folder: string
}

/** Where a runtime goes in a build, and its folder: itself as `runtime/`, and what it is built upon beside it. */
export async function runtimeFolders(runtime: string): Promise<(readonly [string, string])[]> {
  const folder = packageFile(`runtimes/${runtime}`)
  const { on } = JSON.parse(await readFile(join(folder, 'runtime.json'), 'utf8')) as { on?: string }
  return [['runtime', folder], ...(on ? [[on, packageFile(`runtimes/${on}`)] as const] : [])]
}

/** No path, and not hidden: it becomes the name of a folder below ./template. */
export const isTemplateName = (name: string) => /^\w[\w.@-]*$/.test(name)

const placesOf = (cwd: string) => [resolve(cwd, 'template'), packageFile('templates')]

/** The user's own template of that name, else the one that comes with Skep. */
export async function findTemplate(cwd: string, name: string): Promise<Template> {
  for (const place of placesOf(cwd)) {
    const template = isTemplateName(name) && (await readTemplate(place, name))
    if (template) return template
  }
  const names = (await listTemplates(cwd)).map((template) => template.name)
  throw new SkepError('invalid_request', `There is no template "${name}".`, {
    hint: didYouMean(name, names) || `There are: ${names.join(', ')}. Your own go to ./template/NAME.`,
  })
}

/** Every template by name; the user's own hide the shipped ones. */
export async function listTemplates(cwd: string): Promise<Template[]> {
  const [own = [], shipped = []] = await Promise.all(placesOf(cwd).map(templatesIn))
  const byName = new Map([...shipped, ...own].map((template) => [template.name, template]))
  return [...byName.values()].toSorted((one, other) => one.name.localeCompare(other.name))
}

/** Those that come with Skep. */
export const shippedTemplates = () => templatesIn(packageFile('templates'))

/** The templates of a folder of templates; none when there is no such folder. */
export async function templatesIn(place: string): Promise<Template[]> {
  const names = (await readdir(place).catch(() => [])).filter(isTemplateName)
  const templates = await Promise.all(names.map((name) => readTemplate(place, name)))
  return templates.filter((template) => template !== undefined)
}

async function readTemplate(place: string, name: string): Promise<Template | undefined> {
  const folder = join(place, name)
  const file = join(folder, 'template.yml')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const unusable = (detail: string) =>
    new SkepError('invalid_request', `The template ${name} cannot be used.`, {
      detail,
      hint: `Correct ${file}, or take the template away.`,
    })
  const yaml = parseDocument(text)
  if (yaml.errors.length > 0) throw unusable(yaml.errors.map(({ message }) => message).join('\n'))
  const { data, error } = TemplateFile.safeParse(yaml.toJS() ?? {})
  if (error) throw unusable(problemsOf(error).join('\n'))
  return { ...data, name, folder }
}
