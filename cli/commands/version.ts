import { asSkepError } from '../../gateway/core/errors.ts'
import { openGateway } from '../gateway.ts'
import { examples, gatewayVerb, type GatewayOptions } from '../options.ts'
import { version } from '../version.ts'
import type { Define } from './verb.ts'

interface VersionOptions extends GatewayOptions {
  readonly shortVersion?: boolean
  readonly json?: boolean
}

export const define: Define = (command, context) => {
  gatewayVerb(command)
    .option('--short-version', 'print the version of this CLI only')
    .option('--warn-update', 'taken for faas-cli’s sake; Skep never asks the network for updates')
    .option('-j, --json', 'print JSON')
    .addHelpText('after', examples('skep version', 'skep version --short-version'))
    .action(async (options: VersionOptions) => {
      if (options.shortVersion) return context.out.print(version())
      const gateway = await openGateway(context, options)
      const info = await gateway.info().catch(asSkepError)
      const failed = info instanceof Error
      if (options.json)
        return context.out.json({ cli: version(), gateway: failed ? null : { url: gateway.url, ...info } })
      context.out.print(`CLI: ${version()}`)
      if (failed) context.out.note(`Gateway: ${info.message}`)
      else
        context.out.print(
          `Gateway: ${info.version.release}, ${info.provider.orchestration} on ${info.arch}, at ${gateway.url}`,
        )
    })
}
