import { examples } from '../options.ts'
import { stackJsonSchema } from '../stack-json-schema.ts'
import type { Define } from './verb.ts'

export const define: Define = (command, context) => {
  command
    .addHelpText('after', examples('skep schema > stack.schema.json'))
    .addHelpText('after', '\nAn editor reads it from a first line "# yaml-language-server: $schema=stack.schema.json".')
    .action(() => context.out.json(stackJsonSchema()))
}
