import { storeLogin } from '../config-file.ts'
import type { Context } from '../context.ts'
import { gatewayClient } from '../gateway-client.ts'
import { chosenGateway } from '../gateway.ts'
import { examples } from '../options.ts'
import { passwordFrom } from '../password.ts'
import type { Define } from './verb.ts'

interface LoginOptions {
  readonly gateway?: string
  readonly username: string
  readonly password?: string
  readonly passwordStdin?: boolean
  readonly tlsNoVerify?: boolean
}

export const define: Define = (command, context) => {
  command
    .option('-g, --gateway <url>', 'the gateway (default: $OPENFAAS_URL, then this machine)')
    .option('-u, --username <name>', 'who logs in', 'admin')
    .option('-p, --password <password>', 'the password; other users of this machine can see it here')
    .option('-s, --password-stdin', 'read the password from stdin')
    .option('--tls-no-verify', 'accept any certificate')
    .option('--timeout <duration>', 'taken for faas-cli’s sake; a gateway that is there answers at once')
    .addHelpText('after', examples('skep login', 'skep login -g https://faas.example.org --password-stdin < password'))
    .action((options: LoginOptions) => login(context, options))
}

async function login(context: Context, options: LoginOptions): Promise<void> {
  const url = chosenGateway(options.gateway, context.env.gateway)
  if (!isPrivate(url)) context.out.warn(`${url} is not encrypted: the password can be read on the way.`)
  const password = await passwordFrom(context, options)
  const token = Buffer.from(`${options.username}:${password}`).toString('base64')
  const { tlsNoVerify = false } = options
  await gatewayClient({ url, authorization: `Basic ${token}`, tlsNoVerify }).list()
  await storeLogin(context.env.configFolder, { gateway: url, auth: 'basic', token, options: [] })
  context.out.print(`credentials saved for ${options.username} ${url}`)
}

const isPrivate = (url: string) => /^https:|^http:\/\/(127\.|localhost|\[::1\])/.test(url)
