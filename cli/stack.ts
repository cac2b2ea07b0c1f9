import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { SkepError } from '../gateway/core/errors.ts'
import { problemOf } from '../gateway/core/problems.ts'
import type { Context } from './context.ts'
import { envsubst } from './envsubst.ts'
import { didYouMean } from './nearest.ts'
import type { StackOptions } from './options.ts'
import { parseRawYaml } from './raw-yaml.ts'
import { selected } from './selection.ts'
import { findStackFile, readStackFile } from './stack-file.ts'
import { knownNames, StackFile, StackFunction, withoutNulls } from './stack-schema.ts'

type Path = readonly PropertyKey[]

/** A stack file that was read and found right. */
export interface Stack {
  readonly gateway: string | undefined
  /** Where its templates come from: configuration.templates. */
  readonly templates: StackFile['configuration']['templates']
  /** Paths that are copied into every function's folder. */
  readonly copy: readonly string[]
  readonly functions: readonly (readonly [name: string, entry: StackFunction])[]
  /** A sentence about one field, with its place in the file. */
  about(path: Path, message: string): string
  /** The absolute path of a path in the file: below the current folder, as faas-cli has it, else beside the file. */
  locate(path: string): string
}

/** The stack file that is meant; rejects when there is none. */
export async function stackFileFor(context: Context, options: StackOptions): Promise<string> {
  const file = options.yaml ?? (await findStackFile(context.cwd))
  if (file === undefined) throw noStackFile()
  return file
}

/** Reads the stack file; rejects with everything that is wrong in it. Unknown fields are only warned about, for faas-cli takes them. */
export async function readStack(context: Context, options: StackOptions): Promise<Stack> {
  const file = await stackFileFor(context, options)
  const text = await readStackFile(context.cwd, file)
  const yaml = parseRawYaml(options.envsubst === false ? text : envsubst(text, context.env.variables, file))
  const about = (path: Path, message: string) => `${file}:${yaml.lineOf(path)}: ${path.join('.')}: ${message}`
  if (yaml.problems.length > 0) {
    throw invalidStack(yaml.problems.map(({ line, message }) => `${file}:${line}: ${message}`))
  }
  const { unknown, result } = parse(withoutNulls(yaml.value))
  const byLine = (one: { path: Path }, other: { path: Path }) => yaml.lineOf(one.path) - yaml.lineOf(other.path)
  for (const { path } of unknown.toSorted(byLine)) context.out.warn(about(path, notKnown(path)))
  if (!result.success) {
    throw invalidStack(
      result.error.issues.toSorted(byLine).map((issue) => about(issue.path, problemOf(issue, yaml.value))),
    )
  }
  const { provider, configuration, functions } = result.data
  return {
    gateway: provider.gateway,
    templates: configuration.templates,
    copy: configuration.copy,
    functions: selected(Object.entries(functions), options),
    about,
    locate: (path) =>
      [resolve(context.cwd, path), resolve(context.cwd, dirname(file), path)].find(existsSync) ??
      resolve(context.cwd, path),
  }
}

export function invalidStack(problems: readonly string[]): SkepError {
  const count = problems.length === 1 ? 'One thing is' : `${problems.length} things are`
  return new SkepError('invalid_request', `${count} wrong with what is asked for; nothing was changed.`, {
    detail: problems.join('\n'),
    hint: 'Correct what is told above; "skep schema" prints all that a stack file may have.',
  })
}

/** The one function that flags alone describe (`deploy --image … --name …`). */
export function stackOf(cwd: string, name: string, entry: z.input<typeof StackFunction>): Stack {
  const about = (path: Path, message: string) => `${flagOf(path.slice(2))}: ${message}`
  const { data, error } = StackFunction.safeParse(entry)
  if (error)
    throw invalidStack(error.issues.map((issue) => about(['functions', name, ...issue.path], problemOf(issue, entry))))
  return {
    gateway: undefined,
    templates: [],
    copy: [],
    functions: [[name, data]],
    about,
    locate: (path) => resolve(cwd, path),
  }
}

const flagOf = ([field, key]: Path) =>
  field === 'limits' || field === 'requests' ? `--${String(key)}-${field.replace(/s$/, '')}` : `--${String(field)}`

const noStackFile = () =>
  new SkepError('invalid_request', 'There is no stack.yaml or stack.yml here.', {
    hint: 'Name the file with -f, or write one with "skep new NAME --lang node".',
  })

/** Parses without the fields that nobody knows, and says which they were. */
function parse(value: unknown) {
  const strict = StackFile.safeParse(value)
  const unknown = (strict.error?.issues ?? []).flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => ({ path: [...issue.path, key] })) : [],
  )
  for (const { path } of unknown) drop(value, path)
  return { unknown, result: unknown.length === 0 ? strict : StackFile.safeParse(value) }
}

function drop(value: unknown, [step, ...rest]: Path): void {
  if (typeof value !== 'object' || value === null || step === undefined) return
  if (rest.length === 0) Reflect.deleteProperty(value, step)
  else drop(Reflect.get(value, step), rest)
}

function notKnown(path: Path): string {
  return ['not a known field, so it is left out.', didYouMean(String(path.at(-1)), knownNames(path.slice(0, -1)))]
    .join(' ')
    .trimEnd()
}
