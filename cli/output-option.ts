import { Option, type Command } from 'commander'
import type { Output } from './output.ts'

export interface OutputOptions {
  readonly json?: boolean
  readonly output?: 'json' | 'yaml' | 'wide'
}

/** `-o json`, `-o yaml`, `-o wide`, and `--json` for the first. */
export function outputOption(command: Command): Command {
  return command
    .addOption(new Option('-o, --output <form>', 'how to print it').choices(['json', 'yaml', 'wide']))
    .option('-j, --json', 'the same as -o json')
}

/** Prints the value for a script; false when a table is wanted. */
export async function printedAsData(out: Output, value: unknown, options: OutputOptions): Promise<boolean> {
  if (options.json || options.output === 'json') out.json(value)
  else if (options.output === 'yaml') out.print((await import('yaml')).stringify(value).trimEnd())
  else return false
  return true
}
