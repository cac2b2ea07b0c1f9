import { SkepError } from '../../gateway/core/errors.ts'
import { openGateway } from '../gateway.ts'
import { examples, gatewayOptions, namespaceOption, pairs, stackFileOption, type GatewayOptions } from '../options.ts'
import { splitTraffic } from '../revisions.ts'
import type { Define } from './verb.ts'

type TrafficOptions = GatewayOptions & { readonly namespace?: string }

export const define: Define = (command, context) => {
  namespaceOption(gatewayOptions(stackFileOption(command)))
    .argument('<name>', 'the function')
    .argument('<revision=percent...>', 'how much each revision gets; together 100')
    .addHelpText('after', examples('skep traffic hello 4=10 3=90'))
    .action(async (name: string, shares: string[], options: TrafficOptions) => {
      const gateway = await openGateway(context, options)
      await splitTraffic(gateway, { name, namespace: options.namespace }, weightsOf(shares))
      context.out.print(`${name}: ${shares.map((share) => share.replace('=', ' gets ')).join(' %, ')} %`)
    })
}

function weightsOf(shares: readonly string[]): Record<string, number> {
  const weights = Object.entries(pairs(shares, 'traffic')).map(([revision, text]) => [revision, Number(text)] as const)
  const wrong = weights.find(([, weight]) => Number.isNaN(weight))
  if (wrong) throw new SkepError('invalid_request', `The share of revision ${wrong[0]} is not a number.`)
  return Object.fromEntries(weights)
}
