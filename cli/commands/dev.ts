import { join } from 'node:path'
import { SkepError } from '../../gateway/core/errors.ts'
import type { Context } from '../context.ts'
import { freePort, startDemoGateway, type DemoGateway } from '../demo-gateway.ts'
import { develop } from '../dev.ts'
import { gatewayClient, type GatewayClient } from '../gateway-client.ts'
import { examples, portNumber, stackOptions, type StackOptions } from '../options.ts'
import { stackFileFor } from '../stack.ts'
import type { Define } from './verb.ts'

type DevOptions = StackOptions & { readonly port: number }

export const define: Define = (command, context) => {
  stackOptions(command)
    .option('--port <port>', 'the first port to try', portNumber, 8080)
    .addHelpText('after', examples('skep dev', 'skep dev -f stack.yml --filter hello'))
    .addHelpText('after', '\nA gateway of its own runs the handlers as processes and forgets them at the end.')
    .action((options: DevOptions) => dev(context, options))
}

async function dev(context: Context, options: DevOptions): Promise<void> {
  await stackFileFor(context, options) // before anything is started
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort())
  const dataFolder = join(context.env.dataFolder, 'dev')
  const gateway = await startDemoGateway(context.env, dataFolder, await freePort(options.port))
  const client = clientOf(gateway)
  try {
    context.out.note(
      `The gateway at ${gateway.url} runs what is here; Ctrl-C ends it. Its log: ${join(dataFolder, 'gateway.log')}`,
    )
    const ended = gateway.ended.then(() => {
      if (!stop.signal.aborted) throw endedByItself(dataFolder)
    })
    await Promise.race([develop(context, client, options, stop.signal), ended])
  } finally {
    stop.abort()
    if (gateway.isRunning()) await removeAll(client)
    await gateway.stop()
  }
}

function clientOf({ url, password }: DemoGateway): GatewayClient {
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`
  return gatewayClient({ url, authorization, tlsNoVerify: false })
}

/** Replicas outlive their gateway. */
async function removeAll(gateway: GatewayClient): Promise<void> {
  for (const { name, namespace } of await gateway.list()) await gateway.remove(name, namespace)
}

const endedByItself = (dataFolder: string) =>
  new SkepError('internal', 'The gateway ended by itself.', { hint: `See ${join(dataFolder, 'gateway.log')}.` })
