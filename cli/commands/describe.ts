import { columns } from '../table.ts'
import { openGateway } from '../gateway.ts'
import type { FunctionStatus } from '../gateway-api.ts'
import { examples, functionVerb, type FunctionVerbOptions } from '../options.ts'
import { keyOf } from './list.ts'
import { outputOption, printedAsData, type OutputOptions } from '../output-option.ts'
import type { Define } from './verb.ts'

interface DescribeOptions extends FunctionVerbOptions, OutputOptions {
  readonly verbose?: boolean
}

export const define: Define = (command, context) => {
  outputOption(functionVerb(command))
    .argument('<name>', 'the function')
    .option('-v, --verbose', 'show what is empty too')
    .addHelpText('after', examples('skep describe hello', 'skep describe hello --json'))
    .action(async (name: string, options: DescribeOptions) => {
      const gateway = await openGateway(context, options)
      const status = await gateway.describe(name, options.namespace)
      // As in faas-cli: only the list counts invocations.
      const listed = (await gateway.list(status.namespace)).find((other) => other.name === status.name)
      const whole = { ...status, invocationCount: listed?.invocationCount ?? 0 }
      if (await printedAsData(context.out, whole, options)) return
      const wide = options.verbose || options.output === 'wide'
      const rows = rowsOf(whole, gateway.url).filter(([, value]) => wide || value !== '')
      for (const line of columns(rows.map(([key, value]) => [`${key}:`, value || '<none>']))) context.out.print(line)
    })
}

function rowsOf(status: FunctionStatus, url: string): [string, string][] {
  const key = keyOf(status)
  return [
    ['Name', key],
    ['Status', stateOf(status)],
    ['Replicas', String(status.replicas ?? 0)],
    ['Available Replicas', String(status.availableReplicas ?? 0)],
    ['Restarts', status.restarts ? String(status.restarts) : ''],
    ['Last Exit', lastExitOf(status)],
    ['Canary', status.canary ?? ''],
    ['Invocations', String(status.invocationCount ?? 0)],
    ['Image', status.image],
    ['Function Process', status.envProcess ?? ''],
    ['URL', `${url}/function/${key}`],
    ['Async URL', `${url}/async-function/${key}`],
    ['Created', status.createdAt ?? ''],
    ['Labels', pairsOf(status.labels)],
    ['Annotations', pairsOf(status.annotations)],
    ['Environment', pairsOf(status.envVars)],
    ['Constraints', (status.constraints ?? []).join(', ')],
    ['Secrets', (status.secrets ?? []).join(', ')],
    ['Requests', pairsOf(status.requests)],
    ['Limits', pairsOf(status.limits)],
  ]
}

const pairsOf = (map: Readonly<Record<string, string>> = {}) =>
  Object.entries(map)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')

const lastExitOf = ({ lastExit }: FunctionStatus): string =>
  lastExit ? `${lastExit.at} ${lastExit.reason.split('\n')[0]}` : ''

function stateOf({ availableReplicas = 0, replicas = 0, held }: FunctionStatus): string {
  if (availableReplicas > 0) return 'Ready'
  if (held) return 'Held: it ended too often, and is started again every five minutes'
  return replicas === 0 ? 'Idle' : 'Not Ready'
}
