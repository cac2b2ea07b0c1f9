import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { openGateway } from '../gateway.ts'
import { bodyOf } from '../http-request.ts'
import { duration, examples, gatewayVerb, type GatewayOptions } from '../options.ts'
import type { Define } from './verb.ts'

interface Token {
  readonly name: string
  readonly access: string
  readonly createdAt: string
  readonly expiresAt?: string
}

export const define: Define = (command, context) => {
  command.addHelpText(
    'after',
    examples('skep token create ci --expires 720h', 'skep list --token skep_…', 'skep token'),
  )
  defineList(command, context)
  defineCreate(command, context)
  defineRevoke(command, context)
}

function defineList(parent: Command, context: Context): void {
  gatewayVerb(parent.command('list', { isDefault: true }).alias('ls'))
    .description('list the tokens, which themselves are kept nowhere')
    .option('-j, --json', 'print what the gateway answers')
    .action(async (given: GatewayOptions & { readonly json?: boolean }) => {
      const gateway = await openGateway(context, given)
      const tokens = await gateway.read<Token[]>('/system/tokens')
      if (given.json) return context.out.json(tokens)
      const rows = tokens.map(({ name, access, createdAt, expiresAt = 'never' }) => [
        name,
        access,
        createdAt,
        expiresAt,
      ])
      context.out.table(['NAME', 'ACCESS', 'CREATED', 'EXPIRES'], rows)
    })
}

function defineCreate(parent: Command, context: Context): void {
  gatewayVerb(parent.command('create'))
    .description('make a token and print it: this once')
    .argument('<name>', 'what it is for')
    .option('--read-only', 'it may look at everything and change nothing')
    .option('--expires <duration>', 'it holds for this long, such as 720h (default: until it is revoked)', duration)
    .action(
      async (name: string, given: GatewayOptions & { readonly readOnly?: boolean; readonly expires?: string }) => {
        const gateway = await openGateway(context, given)
        const json = { name, access: given.readOnly ? 'read' : 'full', expiresIn: given.expires }
        const { token } = await gateway.read<{ token: string }>('/system/tokens', { method: 'POST', json })
        context.out.print(token)
      },
    )
}

function defineRevoke(parent: Command, context: Context): void {
  gatewayVerb(parent.command('revoke').aliases(['remove', 'rm']))
    .description('take a token back: from now on it is worth nothing')
    .argument('<name>', 'the token’s name')
    .action(async (name: string, given: GatewayOptions) => {
      const gateway = await openGateway(context, given)
      await bodyOf(await gateway.ask('/system/tokens', { method: 'DELETE', json: { name } }))
      context.out.print(`${name}: revoked`)
    })
}
