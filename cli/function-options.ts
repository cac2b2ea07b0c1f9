import type { Command } from 'commander'
import type { Context } from './context.ts'
import type { StackOptions } from './options.ts'
import { readStack, stackOf, type Stack } from './stack.ts'

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
  if (options.yaml !== undefined || name === undefined) return readStack(context, options)
  return stackOf(context.cwd, name, { image, handler, lang })
}
