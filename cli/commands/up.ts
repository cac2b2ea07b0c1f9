import { buildFunctions, type BuildFlags } from '../build-functions.ts'
import { deployFunctions } from '../deploy-functions.ts'
import { functionOptions, stackToBuild, type BuiltOptions } from '../function-options.ts'
import { openGateway } from '../gateway.ts'
import { examples, gatewayOptions, imageOptions, namespaceOption, parallelOptions, stackOptions } from '../options.ts'
import { pushFunctions } from '../push-functions.ts'
import { specsOf } from '../specs.ts'
import { buildOptions } from './build.ts'
import { deployOptions, runsFolders, type DeployOptions } from './deploy.ts'
import type { Define } from './verb.ts'

interface UpOptions extends DeployOptions, BuildFlags, BuiltOptions {
  readonly skipPush?: boolean
  readonly skipDeploy?: boolean
}

export const define: Define = (command, context) => {
  const shared = parallelOptions(imageOptions(namespaceOption(gatewayOptions(stackOptions(command)))))
  deployOptions(buildOptions(functionOptions(shared)))
    .option('--skip-push', 'build and deploy, for an engine that the gateway uses too')
    .option('--skip-deploy', 'build and push only')
    .addHelpText('after', examples('skep up -f stack.yml', 'skep up --skip-push', 'skep up --filter hello --no-cache'))
    .action(async (options: UpOptions) => {
      const stack = await stackToBuild(context, options)
      const gateway = await openGateway(context, options, stack.gateway)
      const folders = !options.skipDeploy && (await runsFolders(gateway))
      // Before anything is built: a mistake in the file is told now.
      const specs = options.skipDeploy ? [] : await specsOf({ context, stack, flags: options, runsFolders: folders })
      if (!folders) await buildFunctions(context, stack, options)
      if (!folders && !options.skipPush) await pushFunctions(context, stack, options)
      await deployFunctions(context, gateway, specs, options)
    })
}
