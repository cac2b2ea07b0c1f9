import { buildFunctions } from '../build-functions.ts'
import type { BuildFlags } from '../image-job.ts'
import { functionOptions, stackToBuild, type BuiltOptions } from '../function-options.ts'
import { openGateway } from '../gateway.ts'
import { examples, imageVerb, type GatewayOptions } from '../options.ts'
import { pushFunctions } from '../push-functions.ts'
import { buildOptions } from './build.ts'
import type { Define } from './verb.ts'

export const define: Define = (command, context) => {
  buildOptions(functionOptions(imageVerb(command)))
    .addHelpText(
      'after',
      examples('skep publish --platforms linux/arm64,linux/amd64', 'skep publish -f stack.yml --filter "shop-*"'),
    )
    .action(async (options: BuiltOptions & BuildFlags & GatewayOptions) => {
      const stack = await stackToBuild(context, options)
      const gateway = await openGateway(context, options, stack.gateway)
      const flags = { ...options, heedsFile: true }
      await buildFunctions(context, stack, flags)
      await pushFunctions(context, stack, { ...flags, gateway })
    })
}
