import { openGateway } from '../gateway.ts'
import { count, examples, functionVerb, type FunctionVerbOptions } from '../options.ts'
import { rollBack } from '../revisions.ts'
import type { Define } from './verb.ts'

type RollbackOptions = FunctionVerbOptions & { readonly to?: number }

export const define: Define = (command, context) => {
  functionVerb(command)
    .argument('<name>', 'the function')
    .option(
      '--to <revision>',
      'what gets the traffic (default: ends a canary; else the newest below the current one that was no failed canary)',
      count,
    )
    .addHelpText('after', examples('skep rollback hello', 'skep rollback hello --to 3'))
    .action(async (name: string, options: RollbackOptions) => {
      const gateway = await openGateway(context, options)
      const began = performance.now()
      const revision = await rollBack(gateway, { name, namespace: options.namespace }, options.to)
      context.out.print(
        `${name}: revision ${revision} has the traffic again (${Math.round(performance.now() - began)} ms)`,
      )
    })
}
