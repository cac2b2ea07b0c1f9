import { openGateway } from '../gateway.ts'
import type { LogMessage } from '../gateway-api.ts'
import {
  count,
  examples,
  gatewayOptions,
  milliseconds,
  namespaceOption,
  time,
  type FunctionVerbOptions,
} from '../options.ts'
import type { Define } from './verb.ts'

interface LogsOptions extends FunctionVerbOptions {
  readonly follow?: boolean
  readonly tail?: boolean
  readonly lines?: number
  readonly since?: number
  readonly sinceTime?: string
  readonly instance?: string
  readonly json?: boolean
}

export const define: Define = (command, context) => {
  namespaceOption(gatewayOptions(command))
    .argument('<name>', 'the function')
    .option('--yaml <file>', 'the stack file that names the gateway; -f follows here')
    .option('-f, --follow', 'go on with new lines until Ctrl-C')
    .option('-t, --tail', 'the same, as faas-cli calls it')
    .option('--lines <number>', 'only so many of the last lines of each replica', lines)
    .option('--since <duration>', 'only lines of the last 5m, 1h …', milliseconds)
    .option('--since-time <time>', 'only lines since this time, such as 2030-01-31T08:00:00Z', time)
    .option('--instance <replica>', 'only this replica')
    .option('-j, --json', 'print one JSON object a line')
    .addHelpText('after', examples('skep logs hello -f', 'skep logs hello --since 10m --lines 100'))
    .action(async (name: string, options: LogsOptions) => {
      const gateway = await openGateway(context, options)
      for await (const message of gateway.logs(queryOf(name, options))) {
        context.out.print(options.json ? JSON.stringify(message) : lineOf(message))
      }
    })
}

function queryOf(name: string, options: LogsOptions) {
  const since = options.since === undefined ? undefined : new Date(Date.now() - options.since)
  return {
    name,
    namespace: options.namespace,
    follow: String((options.follow ?? false) || (options.tail ?? false)),
    tail: options.lines?.toString(),
    since: since?.toISOString() ?? options.sinceTime,
    instance: options.instance,
  }
}

/** `-1` is how faas-cli says all of them. */
const lines = (text: string) => (text === '-1' ? -1 : count(text))

const lineOf = ({ timestamp, name, instance, text }: LogMessage) =>
  `${timestamp} ${name} (${instance}) ${text.trimEnd()}`
