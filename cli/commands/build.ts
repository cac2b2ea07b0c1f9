import type { Command } from 'commander'
import { buildFunctions } from '../build-functions.ts'
import type { BuildFlags } from '../image-job.ts'
import { functionOptions, stackToBuild, type BuiltOptions } from '../function-options.ts'
import { openGateway } from '../gateway.ts'
import { examples, imageVerb, repeatable, type GatewayOptions } from '../options.ts'
import { platformsOption } from '../platforms.ts'
import { buildRemotely } from '../remote-build.ts'
import { runsFolders } from './deploy.ts'
import type { Define } from './verb.ts'

export const define: Define = (command, context) => {
  buildOptions(functionOptions(imageVerb(command)))
    .option('--shrinkwrap', 'only write what would be built to ./build')
    .option('--remote', 'have the gateway build, so that this machine needs no Docker')
    .addHelpText(
      'after',
      examples(
        'skep build -f stack.yml',
        'skep build -f stack.yml --filter "shop-*" --parallel 4',
        'skep build --platforms linux/arm64,linux/amd64',
        'skep build --name hello --image 127.0.0.1:5000/hello --handler ./hello --lang node',
      ),
    )
    .action(async (options: BuiltOptions & BuildFlags & GatewayOptions & { readonly remote?: boolean }) => {
      const stack = await stackToBuild(context, options)
      if (!options.remote) return buildFunctions(context, stack, options)
      const gateway = await openGateway(context, options, stack.gateway)
      await buildRemotely({ context, stack, flags: options, gateway, runsFolders: await runsFolders(gateway) })
    })
}

/** The flags that `build` and `up` share. */
export function buildOptions(command: Command): Command {
  return platformsOption(command)
    .option('--no-cache', 'build every layer anew')
    .option('--pull', 'look for newer base images')
    .option('--squash', 'make one layer of it (experimental engines only)')
    .addOption(repeatable('-b, --build-arg <key=value>', 'an argument of the Dockerfile'))
    .addOption(repeatable('-o, --build-option <name>', 'a build option of the template'))
    .addOption(repeatable('--build-label <key=value>', 'a label of the image'))
    .option('--disable-stack-pull', 'fetch no templates that are not here')
    .addOption(repeatable('--copy-extra <path>', 'a file or folder that goes beside the handler'))
}
