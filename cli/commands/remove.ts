import { SkepError } from '../../gateway/core/errors.ts'
import type { Context } from '../context.ts'
import { unlessMissing } from '../gateway-error.ts'
import { openGateway } from '../gateway.ts'
import { examples, gatewayOptions, namespaceOption, stackOptions, type FunctionVerbOptions } from '../options.ts'
import type { Define } from './verb.ts'

export const define: Define = (command, context) => {
  namespaceOption(gatewayOptions(stackOptions(command)))
    .argument('[name]', 'the function; all of the stack file when left out')
    .addHelpText(
      'after',
      examples('skep remove hello', 'skep rm -f stack.yml', 'skep rm -f stack.yml --filter "shop-*"'),
    )
    .action(async (name: string | undefined, options: FunctionVerbOptions) => {
      const { functions, fileGateway } = await wanted(context, name, options)
      const gateway = await openGateway(context, options, fileGateway)
      const missing: string[] = []
      for (const { key, namespace } of functions) {
        const found = await unlessMissing(gateway.remove(key, namespace).then(() => true))
        if (found) context.out.print(`${key}: removed`)
        else missing.push(key)
      }
      if (missing.length > 0) throw noSuchFunction(missing)
    })
}

async function wanted(context: Context, name: string | undefined, options: FunctionVerbOptions) {
  if (name !== undefined) {
    return { functions: [{ key: name, namespace: options.namespace }], fileGateway: undefined }
  }
  const { readStack } = await import('../stack.ts')
  const stack = await readStack(context, options)
  const functions = stack.functions.map(([key, entry]) => ({ key, namespace: options.namespace ?? entry.namespace }))
  return { functions, fileGateway: stack.gateway }
}

const noSuchFunction = (names: readonly string[]) =>
  new SkepError('function_not_found', `Not there, so not removed: ${names.join(', ')}.`, { hint: 'See "skep list".' })
