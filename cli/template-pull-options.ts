import type { Command } from 'commander'
import type { Context } from './context.ts'
import type { Pulled } from './template-pull.ts'

/** The flags of everything that pulls templates. */
export function pullOptions(command: Command): Command {
  return command
    .option('--overwrite', 'replace templates that are there')
    .option('--debug', 'taken for faas-cli’s sake')
}

export function tellPulled({ out }: Context, { written, kept }: Pulled): void {
  for (const name of written) out.print(`${name}: written to template/${name}`)
  if (kept.length > 0) out.warn(`There already, so left as they are (--overwrite replaces them): ${kept.join(', ')}.`)
}
