import { openGateway } from '../gateway.ts'
import { examples, imageVerb, type GatewayOptions } from '../options.ts'
import { platformsOption } from '../platforms.ts'
import { pushFunctions, type PushFlags } from '../push-functions.ts'
import { readStack } from '../stack.ts'
import type { Define } from './verb.ts'

export const define: Define = (command, context) => {
  platformsOption(imageVerb(command))
    .addHelpText('after', examples('skep push -f stack.yml', 'skep push --platforms linux/arm64,linux/amd64'))
    .action(async (options: GatewayOptions & PushFlags) => {
      const stack = await readStack(context, options)
      const gateway = await openGateway(context, options, stack.gateway)
      await pushFunctions(context, stack, { ...options, gateway })
    })
}
