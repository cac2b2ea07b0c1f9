import { buildFunctions, type BuildFlags } from '../build-functions.ts'
import { functionOptions, stackToBuild, type BuiltOptions } from '../function-options.ts'
import { examples, imageOptions, parallelOptions, stackOptions } from '../options.ts'
import { pushFunctions } from '../push-functions.ts'
import { buildOptions } from './build.ts'
import type { Define } from './verb.ts'

export const define: Define = (command, context) => {
  buildOptions(functionOptions(parallelOptions(imageOptions(stackOptions(command)))))
    .addHelpText(
      'after',
      examples('skep publish --platforms linux/arm64,linux/amd64', 'skep publish -f stack.yml --filter "shop-*"'),
    )
    .action(async (options: BuiltOptions & BuildFlags) => {
      const stack = await stackToBuild(context, options)
      const flags = { ...options, heedsFile: true }
      await buildFunctions(context, stack, flags)
      await pushFunctions(context, stack, flags)
    })
}
