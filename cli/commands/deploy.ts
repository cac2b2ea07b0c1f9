import type { Command } from 'commander'
import { canaryOptions } from '../canary-options.ts'
import { deployFunctions, type DeployFlags } from '../deploy-functions.ts'
import { functionOptions, stackFor, type FunctionOptions } from '../function-options.ts'
import { openGateway } from '../gateway.ts'
import type { GatewayClient } from '../gateway-client.ts'
import {
  examples,
  repeatable,
  gatewayOptions,
  imageOptions,
  milliseconds,
  namespaceOption,
  stackOptions,
} from '../options.ts'
import type { GatewayOptions } from '../options.ts'
import { specsOf, type SpecFlags } from '../specs.ts'
import type { Define } from './verb.ts'

export type DeployOptions = FunctionOptions & GatewayOptions & SpecFlags & DeployFlags

export const define: Define = (command, context) => {
  deployOptions(functionOptions(imageOptions(namespaceOption(gatewayOptions(stackOptions(command))))))
    .addHelpText(
      'after',
      examples(
        'skep deploy -f stack.yml',
        'skep deploy -f stack.yml --filter hello -e LOG=debug',
        'skep deploy -f stack.yml --canary 1,10,50 --every 2m --max-errors 1% --max-p95 1.2x',
        'skep deploy --name nginx --image nginxinc/nginx-unprivileged:alpine',
      ),
    )
    .action(async (options: DeployOptions) => {
      const stack = await stackFor(context, options)
      const gateway = await openGateway(context, options, stack.gateway)
      const specs = await specsOf({ context, stack, flags: options, runsFolders: await runsFolders(gateway) })
      await deployFunctions(context, gateway, specs, options)
    })
}

/** The flags that `deploy` and `up` share. */
export function deployOptions(command: Command): Command {
  return canaryOptions(command)
    .option('--fprocess <command>', 'what the watchdog in the image starts')
    .addOption(repeatable('-e, --env <key=value>', 'an environment variable'))
    .addOption(repeatable('-l, --label <key=value>', 'a label'))
    .addOption(repeatable('--annotation <key=value>', 'an annotation'))
    .addOption(repeatable('--constraint <constraint>', 'where it may run'))
    .addOption(repeatable('--secret <name>', 'a secret that it may read'))
    .option('--readonly', 'make its root filesystem read-only')
    .option('--memory-limit <size>', 'memory at most, such as 128Mi')
    .option('--cpu-limit <processors>', 'processors at most, such as 0.5 or 500m')
    .option('--memory-request <size>', 'memory that is kept free for it')
    .option('--cpu-request <processors>', 'processors that are kept free for it')
    .option('-m, --message <text>', 'why, for "skep revisions"')
    .option('--force', 'deploy also what serves already')
    .option('--network <name>', 'taken for faas-cli’s sake; Skep connects functions itself')
    .option('--replace', 'remove the function first')
    .option('--no-update', 'fail when the function is there already')
    .option('--no-read-template', 'leave the template’s fprocess out')
    .option('--timeout <duration>', 'how long to wait for each function', milliseconds)
}

/** The process provider runs a handler's folder as it lies there: nothing is built and nothing is pushed. */
export async function runsFolders(gateway: GatewayClient): Promise<boolean> {
  const { provider } = await gateway.info()
  return [provider.provider, provider.orchestration].includes('process')
}
