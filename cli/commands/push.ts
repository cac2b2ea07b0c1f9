import { examples, imageOptions, parallelOptions, stackOptions, type StackOptions } from '../options.ts'
import { platformsOption } from '../platforms.ts'
import { pushFunctions, type PushFlags } from '../push-functions.ts'
import { readStack } from '../stack.ts'
import type { Define } from './verb.ts'

export const define: Define = (command, context) => {
  platformsOption(parallelOptions(imageOptions(stackOptions(command))))
    .addHelpText('after', examples('skep push -f stack.yml', 'skep push --platforms linux/arm64,linux/amd64'))
    .action(async (options: StackOptions & PushFlags) => {
      await pushFunctions(context, await readStack(context, options), options)
    })
}
