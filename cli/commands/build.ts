import type { Command } from 'commander'
import { buildFunctions, type BuildFlags } from '../build-functions.ts'
import { functionOptions, stackToBuild, type BuiltOptions } from '../function-options.ts'
import { examples, repeatable, imageOptions, parallelOptions, stackOptions } from '../options.ts'
import { platformsOption } from '../platforms.ts'
import type { Define } from './verb.ts'

export const define: Define = (command, context) => {
  buildOptions(functionOptions(parallelOptions(imageOptions(stackOptions(command)))))
    .option('--shrinkwrap', 'only write what would be built to ./build')
    .addHelpText(
      'after',
      examples(
        'skep build -f stack.yml',
        'skep build -f stack.yml --filter "shop-*" --parallel 4',
        'skep build --platforms linux/arm64,linux/amd64',
        'skep build --name hello --image 127.0.0.1:5000/hello --handler ./hello --lang node',
      ),
    )
    .action(async (options: BuiltOptions & BuildFlags) => {
      await buildFunctions(context, await stackToBuild(context, options), options)
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
