import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { SkepError } from '../gateway/core/errors.ts'
import type { Imported } from './imported.ts'
import { parseRawYaml } from './raw-yaml.ts'

interface Found {
  readonly file: string
  readonly functions: Readonly<Record<string, Fields>>
  readonly configuration?: { readonly templates?: readonly object[]; readonly copy?: readonly string[] }
}

type Fields = Readonly<Record<string, unknown>> | null

/** What no function of one's own lies in. */
const passedBy = ['node_modules', 'template', 'build', '.git']

/** All stack files of a folder as one; their paths lead from `cwd`. Values stay as they are written, `${VARIABLES}` too. */
export async function importFolder(cwd: string, folder: string): Promise<Imported> {
  const stacks = (await Promise.all((await yamlFiles(resolve(cwd, folder))).map(stackIn))).flat()
  if (stacks.length === 0) {
    throw new SkepError('invalid_request', `There is no stack file in ${folder}.`, {
      hint: 'A stack file has a provider with the name "openfaas" and functions.',
    })
  }
  const functions = new Map<string, object>()
  const notes: string[] = []
  for (const { file, ...stack } of stacks) {
    const from = relative(cwd, dirname(file))
    for (const [name, fields] of Object.entries(stack.functions)) {
      if (functions.has(name)) notes.push(`${name} is in ${relative(cwd, file)}, too: that one is left out.`)
      else functions.set(name, moved(fields ?? {}, from))
    }
  }
  const configurations = stacks.map(({ file, configuration = {} }) => ({
    ...configuration,
    from: relative(cwd, dirname(file)),
  }))
  return {
    functions: Object.fromEntries(functions),
    templates: unique(configurations.flatMap(({ templates = [] }) => templates)),
    copy: unique(configurations.flatMap(({ copy = [], from }) => copy.map((path) => movedPath(path, from)))),
    notes,
  }
}

async function yamlFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new SkepError('invalid_request', `The folder ${folder} cannot be read.`, {
      cause,
      hint: 'Name a folder, or the URL of a gateway.',
    })
  })
  const wanted = entries.filter(({ name }) => !passedBy.includes(name))
  const below = wanted.filter((entry) => entry.isDirectory()).map(({ name }) => yamlFiles(join(folder, name)))
  const here = wanted
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map(({ name }) => join(folder, name))
  return [...here.toSorted(), ...(await Promise.all(below)).flat()]
}

/** Other YAML is left alone. */
async function stackIn(file: string): Promise<Found[]> {
  const { value } = parseRawYaml(await readFile(file, 'utf8'))
  const stack = value as (Found & { provider?: { name?: string } }) | undefined
  return stack?.provider?.name === 'openfaas' && stack.functions ? [{ ...stack, file }] : []
}

function moved(fields: NonNullable<Fields>, from: string): object {
  const { handler, environment_file: files } = fields
  return {
    ...fields,
    ...(typeof handler === 'string' && { handler: movedPath(handler, from) }),
    ...(Array.isArray(files) && { environment_file: files.map((file) => movedPath(String(file), from)) }),
  }
}

const movedPath = (path: string, from: string) => (path.startsWith('/') ? path : `./${join(from, path)}`)

const unique = <T>(values: readonly T[]): T[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
]
