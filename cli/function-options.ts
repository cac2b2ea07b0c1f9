import type { Command } from 'commander'
import { SkepError } from '../gateway/core/errors.ts'
import type { Context } from './context.ts'
import type { StackOptions } from './options.ts'
import { readStack, stackOf, type Stack } from './stack.ts'
import { pullMissingTemplates } from './stack-templates.ts'

export interface FunctionOptions extends StackOptions {
  readonly image?: string
  readonly handler?: string
  readonly name?: string
  readonly lang?: string
}

export function functionOptions(command: Command): Command {
  return command
    .option('--name <name>', 'one function that is described by flags instead of a file')
    .option('--image <image>', 'its image')
    .option('--handler <folder>', 'the folder of its handler')
    .option('--lang <template>', 'its template')
}

/** The stack file, or the one function that flags describe. */
export async function stackFor(context: Context, options: FunctionOptions): Promise<Stack> {
  const { name, image, handler, lang } = options
  if (options.yaml === undefined && name !== undefined) return stackOf(context.cwd, name, { image, handler, lang })
  const idle = Object.entries({ name, image, handler, lang }).find(([, value]) => value !== undefined)
  if (idle) throw meaningless(`--${idle[0]}`, options.yaml)
  return readStack(context, options)
}

/** Else every function of the file would be deployed as the file says. */
const meaningless = (flag: string, file: string | undefined) =>
  file === undefined
    ? new SkepError('invalid_request', `${flag} describes one function, and --name is missing.`, {
        hint: 'Name it with --name, or leave that out to take the stack file.',
      })
    : new SkepError('invalid_request', `${flag} describes one function, and ${file} describes others.`, {
        hint: 'Leave one of both out; --filter NAME chooses a function of the file.',
      })

export interface BuiltOptions extends FunctionOptions {
  readonly disableStackPull?: boolean
}

/** The same for verbs that build: with the templates that are not here yet. */
export async function stackToBuild(context: Context, options: BuiltOptions): Promise<Stack> {
  const stack = await stackFor(context, options)
  if (options.disableStackPull) return stack
  const built = stack.functions.filter(([, entry]) => entry.handler !== undefined && !entry.skip_build)
  const templates = built.flatMap(([, { lang }]) => lang ?? [])
  await pullMissingTemplates(context, templates, stack.templates, options)
  return stack
}
