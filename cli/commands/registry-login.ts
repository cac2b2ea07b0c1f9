import { registryNamed } from '../../gateway/core/registry.ts'
import type { Context } from '../context.ts'
import { openGateway } from '../gateway.ts'
import { bodyOf } from '../http-request.ts'
import { examples, gatewayVerb, type GatewayOptions } from '../options.ts'
import { type PasswordOptions, passwordFrom } from '../password.ts'
import { SkepError } from '../../gateway/core/errors.ts'
import type { Define } from './verb.ts'

interface RegistryLoginOptions extends GatewayOptions, PasswordOptions {
  readonly server: string
  readonly username?: string
  readonly list?: boolean
  readonly remove?: boolean
}

export const define: Define = (command, context) => {
  gatewayVerb(command)
    .option('--server <registry>', 'the registry', 'docker.io')
    .option('-u, --username <name>', 'who logs in there')
    .option('-p, --password <password>', 'the password or token; other users of this machine can see it here')
    .option('-s, --password-stdin', 'read it from stdin')
    .option('--remove', 'forget the login of this registry')
    .option('--list', 'show which registries have a login')
    .addHelpText(
      'after',
      examples(
        'skep registry-login --server ghcr.io -u ann --password-stdin < token',
        'skep registry-login --list',
        'skep registry-login --server ghcr.io --remove',
      ),
    )
    .action((options: RegistryLoginOptions) => registryLogin(context, options))
}

const path = '/system/registry-logins'

async function registryLogin(context: Context, options: RegistryLoginOptions): Promise<void> {
  const { out } = context
  const gateway = await openGateway(context, options)
  const registry = registryNamed(options.server)
  if (options.list) {
    const logins = await gateway.read<{ registry: string; username: string }[]>(path)
    return out.table(
      ['REGISTRY', 'USER'],
      logins.map((login) => [login.registry, login.username]),
    )
  }
  if (options.remove) {
    await bodyOf(await gateway.ask(path, { method: 'DELETE', json: { registry } }))
    return out.print(`The login for ${registry} is forgotten.`)
  }
  const { username } = options
  if (username === undefined) throw new SkepError('invalid_request', 'Whose login is it?', { hint: 'Give --username.' })
  const password = await passwordFrom(context, options)
  await bodyOf(await gateway.ask(path, { method: 'PUT', json: { registry, username, password } }))
  out.print(`Nodes pull from ${registry} as ${username}.`)
}
