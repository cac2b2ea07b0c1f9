import { examples, imageOptions, parallelOptions, stackOptions, type StackOptions } from '../options.ts'
import { pushFunctions, type PushFlags } from '../push-functions.ts'
import { readStack } from '../stack.ts'
import type { Define } from './verb.ts'

export const define: Define = (command, context) => {
  parallelOptions(imageOptions(stackOptions(command)))
    .addHelpText('after', examples('skep push -f stack.yml', 'skep push -f stack.yml --parallel 4'))
    .action(async (options: StackOptions & PushFlags) => {
      await pushFunctions(context, await readStack(context, options), options)
    })
}
