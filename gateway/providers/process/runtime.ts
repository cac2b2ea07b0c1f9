import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { SkepError } from '../../core/errors.ts'
import type { FunctionSpec } from '../../core/spec.ts'

const Command = z.array(z.string()).min(1)

/** runtimes/<name>/runtime.json: how a language server is started. `{runtime}` in a command is its folder. */
const RuntimeFile = z.strictObject({
  start: Command,
  /** Another runtime that it is built upon, and finds beside it. */
  on: z.string().optional(),
  /** A folder with one of these files has a handler for it. None: any folder may, if the runtime is named. */
  handlers: z.array(z.string()),
  /**
   * Run in the handler's folder when one of the files `from` is there, or always if none is named; `makes` is the folder
   * that comes of it.
   */
  install: z.strictObject({ from: z.array(z.string()), run: Command, makes: z.string() }).optional(),
})

export type Install = NonNullable<z.infer<typeof RuntimeFile>['install']>

export interface Runtime extends z.infer<typeof RuntimeFile> {
  readonly name: string
}

/** The runtime that the spec names, else the only one that knows a file in the folder. */
export async function chooseRuntime(runtimesDir: string, spec: FunctionSpec, folder: string): Promise<Runtime> {
  const runtimes = await allRuntimes(runtimesDir)
  const names = runtimes.map(({ name }) => name).join(', ')
  const files = new Set(await readdir(folder))
  const fitting = runtimes.filter(({ handlers }) => handlers.some((handler) => files.has(handler)))
  if (spec.runtime === undefined) {
    const [only, ...more] = fitting
    if (only && more.length === 0) return only
    const what = only ? 'Several runtimes could run' : 'No runtime knows a handler in'
    throw refused(`${what} ${folder}.`, `Name the runtime; there are: ${names}.`)
  }
  const named = runtimes.find(({ name }) => name === spec.runtime)
  if (!named) throw refused(`There is no runtime "${spec.runtime}".`, `There are: ${names}.`)
  if (named.handlers.length === 0 || fitting.includes(named)) return named
  throw refused(`There is no handler for ${named.name} in ${folder}.`, `It would be ${named.handlers.join(' or ')}.`)
}

export async function readRuntime(runtimesDir: string, name: string): Promise<Runtime> {
  const file = join(runtimesDir, name, 'runtime.json')
  const { data, error } = RuntimeFile.safeParse(JSON.parse(await readFile(file, 'utf8')))
  if (error) throw new Error(`${file}: ${z.prettifyError(error)}`)
  const placed = (command: string[]): string[] =>
    command.map((word) => word.replace('{runtime}', join(runtimesDir, name)))
  const install = data.install && { ...data.install, run: placed(data.install.run) }
  return { ...data, start: placed(data.start), ...(install && { install }), name }
}

async function allRuntimes(runtimesDir: string): Promise<Runtime[]> {
  const names = await readdir(runtimesDir)
  const found = await Promise.all(names.map(async (name) => ((await has(runtimesDir, name)) ? name : undefined)))
  return Promise.all(found.filter((name) => name !== undefined).map((name) => readRuntime(runtimesDir, name)))
}

const has = (runtimesDir: string, name: string): Promise<boolean> =>
  access(join(runtimesDir, name, 'runtime.json')).then(
    () => true,
    () => false,
  )

const refused = (message: string, hint: string): SkepError => new SkepError('invalid_request', message, { hint })
