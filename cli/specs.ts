import { FunctionSpec } from '../gateway/core/spec.ts'
import type { Context } from './context.ts'
import { readEnvironmentFile } from './environment-file.ts'
import { imageName } from './image-name.ts'
import { pairs, type TagMode } from './options.ts'
import { invalidStack, type Stack } from './stack.ts'
import type { StackFunction } from './stack-schema.ts'
import { findTemplate } from './template.ts'

/** What the command line says over or beside the file. */
export interface SpecFlags {
  readonly namespace?: string
  readonly fprocess?: string
  readonly env: readonly string[]
  readonly label: readonly string[]
  readonly annotation: readonly string[]
  readonly constraint: readonly string[]
  readonly secret: readonly string[]
  readonly readonly?: boolean
  readonly memoryLimit?: string
  readonly cpuLimit?: string
  readonly memoryRequest?: string
  readonly cpuRequest?: string
  readonly readTemplate: boolean
  readonly tag: TagMode
}

/** Nothing said over or beside the file. */
export const noFlags = { env: [], label: [], annotation: [], constraint: [], secret: [], readTemplate: true } as const

export interface SpecOptions {
  readonly context: Context
  readonly stack: Stack
  readonly flags: SpecFlags
  /** The process provider runs a handler's folder as it lies there; other providers run its image. */
  readonly runsFolders: boolean
  /** The gateway names the images of what it builds, later. */
  readonly remote?: boolean | undefined
}

/** What a deploy of the stack's functions asks for; rejects with all that is wrong with any of them. */
export async function specsOf(options: SpecOptions): Promise<FunctionSpec[]> {
  const problems: string[] = []
  const specs: FunctionSpec[] = []
  for (const [name, entry] of options.stack.functions) {
    const complain = (path: readonly PropertyKey[], message: string) =>
      problems.push(options.stack.about(['functions', name, ...path], message))
    const { data, error } = FunctionSpec.safeParse(await wanted(options, name, entry, complain))
    if (data) specs.push(data)
    for (const { path, message } of error?.issues ?? []) complain(path, message)
  }
  if (problems.length > 0) throw invalidStack(problems)
  return specs
}

type Complain = (path: readonly PropertyKey[], message: string) => void

async function wanted(options: SpecOptions, name: string, entry: StackFunction, complain: Complain) {
  const { flags } = options
  const sameNames = Object.entries(entry).filter(([field]) => field in FunctionSpec.shape)
  return {
    ...Object.fromEntries(sameNames),
    name,
    namespace: flags.namespace ?? entry.namespace,
    ...(await imageOf(options, entry, complain)),
    process: flags.fprocess ?? entry.fprocess ?? (await templateProcess(options, entry)),
    environment: await environmentOf(options, entry, complain),
    labels: { ...entry.labels, ...pairs(flags.label, '--label') },
    annotations: { ...entry.annotations, ...pairs(flags.annotation, '--annotation') },
    constraints: entry.constraints.length > 0 ? entry.constraints : flags.constraint,
    secrets: [...new Set([...entry.secrets, ...flags.secret])],
    limits: given({ memory: flags.memoryLimit, cpu: flags.cpuLimit }, entry.limits),
    requests: given({ memory: flags.memoryRequest, cpu: flags.cpuRequest }, entry.requests),
    readOnlyRootFilesystem: entry.readonly_root_filesystem || (flags.readonly ?? false),
  }
}

async function imageOf(
  { context, stack, flags, runsFolders, remote }: SpecOptions,
  entry: StackFunction,
  complain: Complain,
) {
  const handler = entry.handler && stack.locate(entry.handler)
  if (!runsFolders || entry.lang === undefined || handler === undefined) {
    if (remote && handler !== undefined && !entry.skip_build) return { image: 'built-by-the-gateway' }
    if (entry.image === undefined) complain(['image'], 'is missing')
    return { image: await imageName(entry.image ?? 'missing', flags.tag, context.cwd, handler) }
  }
  const { runtime } = await findTemplate(context.cwd, entry.lang)
  if (runtime === undefined) {
    complain(['lang'], `the template "${entry.lang}" has no runtime, so its functions run as images only`)
  }
  return { image: `dir:${handler}`, runtime }
}

/** A template may say which command its watchdog starts. Without the template at hand the image knows it itself. */
async function templateProcess({ context, flags, runsFolders }: SpecOptions, { lang }: StackFunction) {
  if (!flags.readTemplate || runsFolders || lang === undefined) return undefined
  return findTemplate(context.cwd, lang).then(
    ({ fprocess }) => fprocess,
    () => undefined,
  )
}

/** The command line's variables win over the files', and these over those in the stack file. */
async function environmentOf({ stack, flags }: SpecOptions, entry: StackFunction, complain: Complain) {
  const environment = { ...entry.environment }
  for (const [index, file] of entry.environment_file.entries()) {
    const found = await readEnvironmentFile(stack.locate(file))
    if (typeof found === 'string') complain(['environment_file', index], found)
    else Object.assign(environment, found)
  }
  return { ...environment, ...pairs(flags.env, '--env') }
}

function given(flags: Readonly<Record<string, string | undefined>>, entry: object): object {
  return { ...entry, ...Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) }
}
