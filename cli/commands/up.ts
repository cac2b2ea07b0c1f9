import { buildFunctions } from '../build-functions.ts'
import type { BuildFlags } from '../image-job.ts'
import { deployFunctions } from '../deploy-functions.ts'
import { functionOptions, stackToBuild, type BuiltOptions } from '../function-options.ts'
import { openGateway } from '../gateway.ts'
import { examples, imageVerb, namespaceOption } from '../options.ts'
import { pushFunctions } from '../push-functions.ts'
import { buildRemotely } from '../remote-build.ts'
import { specsOf } from '../specs.ts'
import { buildOptions } from './build.ts'
import { deployOptions, runsFolders, type DeployOptions } from './deploy.ts'
import type { Define } from './verb.ts'

interface UpOptions extends DeployOptions, BuildFlags, BuiltOptions {
  readonly skipPush?: boolean
  readonly skipDeploy?: boolean
  readonly remote?: boolean
}

export const define: Define = (command, context) => {
  const shared = imageVerb(namespaceOption(command))
  deployOptions(buildOptions(functionOptions(shared)))
    .option('--skip-push', 'build and deploy, for an engine that the gateway uses too')
    .option('--skip-deploy', 'build and push only')
    .option('--remote', 'have the gateway build, so that this machine needs no Docker')
    .addHelpText(
      'after',
      examples('skep up -f stack.yml', 'skep up --skip-push', 'skep up --remote', 'skep up --filter hello --no-cache'),
    )
    .action(async (options: UpOptions) => {
      const stack = await stackToBuild(context, options)
      const gateway = await openGateway(context, options, stack.gateway)
      const folders = (options.remote || !options.skipDeploy) && (await runsFolders(gateway))
      // Before anything is built: a mistake in the file is told now.
      const { remote } = options
      const specs = options.skipDeploy
        ? []
        : await specsOf({ context, stack, flags: options, runsFolders: folders, remote })
      if (remote) {
        const images = await buildRemotely({ context, stack, flags: options, gateway, runsFolders: folders })
        const built = specs.map((spec) => ({ ...spec, image: images.get(spec.name) ?? spec.image }))
        return deployFunctions(context, gateway, built, options)
      }
      if (!folders) await buildFunctions(context, stack, options)
      if (!folders && !options.skipPush) await pushFunctions(context, stack, { ...options, gateway })
      await deployFunctions(context, gateway, specs, options)
    })
}
