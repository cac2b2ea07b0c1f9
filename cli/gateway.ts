import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findLogin } from './config-file.ts'
import type { Context } from './context.ts'
import { gatewayClient, type GatewayClient } from './gateway-client.ts'
import { parsedUrl } from './http-request.ts'
import type { GatewayOptions } from './options.ts'
import { findStackFile, readStackFile } from './stack-file.ts'

export const defaultGateway = 'http://127.0.0.1:8080'

/** The client of the gateway that is meant, with the login that belongs to it. `fileGateway`: what a stack file that was read says. */
export async function openGateway(
  context: Context,
  options: GatewayOptions,
  fileGateway?: string,
): Promise<GatewayClient> {
  const file = fileGateway ?? (await gatewayOfFile(context, options))
  const url = chosenGateway(options.gateway, context.env.gateway, file)
  const authorization = options.token ? `Bearer ${options.token}` : await authorizationFor(context, url)
  return gatewayClient({ url, authorization, tlsNoVerify: options.tlsNoVerify ?? false })
}

/**
 * --gateway, then the stack file, then OPENFAAS_URL. In a file the default's own URL counts as nothing said (as in
 * faas-cli), because `new` writes it into every file.
 */
export function chosenGateway(flag: string | undefined, variable: string | undefined, file?: string): string {
  const fromFile = file && normalized(file)
  const url = normalized(flag ?? (fromFile === defaultGateway ? undefined : fromFile) ?? variable ?? defaultGateway)
  parsedUrl(url)
  return url
}

const normalized = (url: string) => url.replace(/\/+$/, '').toLowerCase()

/** The gateway in the stack file, read without its rules: a file with mistakes must not keep anybody from `skep list`. */
async function gatewayOfFile(context: Context, options: GatewayOptions): Promise<string | undefined> {
  if (options.gateway !== undefined) return undefined
  const file = options.yaml ?? (await findStackFile(context.cwd))
  if (file === undefined) return undefined
  const text = await readStackFile(context.cwd, file)
  const [{ parseRawYaml }, { envsubst }] = await Promise.all([import('./raw-yaml.ts'), import('./envsubst.ts')])
  const { value } = parseRawYaml(options.envsubst === false ? text : envsubst(text, context.env.variables, file))
  const gateway = (value as { provider?: { gateway?: unknown } } | undefined)?.provider?.gateway
  return typeof gateway === 'string' ? gateway : undefined
}

async function authorizationFor({ env }: Context, url: string): Promise<string | undefined> {
  const login = await findLogin(env.configFolder, url)
  if (login) return login.auth === 'basic' ? `Basic ${login.token}` : `Bearer ${login.token}`
  const password = isHere(url) ? await ownPassword(env.dataFolder) : undefined
  return password && `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`
}

const isHere = (url: string) => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname)

/** Who can read the data of the gateway on this machine need not log in to it. */
async function ownPassword(dataFolder: string): Promise<string | undefined> {
  return readFile(join(dataFolder, 'password'), 'utf8').then(
    (text) => text.trim(),
    () => undefined, // No gateway of this user keeps its data here.
  )
}
