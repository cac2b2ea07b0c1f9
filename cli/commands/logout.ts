import { SkepError } from '../../gateway/core/errors.ts'
import { forgetLogin } from '../config-file.ts'
import { chosenGateway } from '../gateway.ts'
import { examples } from '../options.ts'
import type { Define } from './verb.ts'

export const define: Define = (command, context) => {
  command
    .option('-g, --gateway <url>', 'the gateway (default: $OPENFAAS_URL, then this machine)')
    .addHelpText('after', examples('skep logout', 'skep logout -g https://faas.example.org'))
    .action(async ({ gateway }: { readonly gateway?: string }) => {
      const url = chosenGateway(gateway, context.env.gateway)
      if (await forgetLogin(context.env.configFolder, url)) return context.out.print(`credentials removed for ${url}`)
      throw new SkepError('not_found', `There is no login for ${url}.`, { hint: 'Name the gateway with --gateway.' })
    })
}
