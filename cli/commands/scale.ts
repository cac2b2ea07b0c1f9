import { openGateway } from '../gateway.ts'
import { count, examples, functionVerb, type FunctionVerbOptions } from '../options.ts'
import type { Define } from './verb.ts'

export const define: Define = (command, context) => {
  functionVerb(command)
    .argument('<name>', 'the function')
    .argument('<replicas>', 'how many; 0 sends it to sleep', count)
    .addHelpText('after', examples('skep scale hello 3', 'skep scale hello 0'))
    .action(async (name: string, replicas: number, options: FunctionVerbOptions) => {
      const gateway = await openGateway(context, options)
      await gateway.scale(name, replicas, options.namespace)
      const { replicas: wanted = replicas } = await gateway.describe(name, options.namespace)
      const limit = wanted < replicas ? `, for its scale.max allows no ${replicas}` : ''
      context.out.print(`${name}: scaled to ${Math.min(wanted, replicas)}${limit}`)
    })
}
