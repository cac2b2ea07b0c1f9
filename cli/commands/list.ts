import { Option } from 'commander'
import { defaultNamespace, functionKey } from '../../gateway/core/names.ts'
import { countCalls, type CallCounts } from '../async-calls.ts'
import type { FunctionStatus } from '../gateway-api.ts'
import { openGateway } from '../gateway.ts'
import { examples, functionVerb, type FunctionVerbOptions } from '../options.ts'
import { outputOption, printedAsData, type OutputOptions } from '../output-option.ts'
import type { Define } from './verb.ts'

interface ListOptions extends FunctionVerbOptions, OutputOptions {
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly sort: keyof typeof orders
}

const orders = {
  name: (one: FunctionStatus, other: FunctionStatus) => one.name.localeCompare(other.name),
  invocations: (one: FunctionStatus, other: FunctionStatus) =>
    (other.invocationCount ?? 0) - (one.invocationCount ?? 0),
  creation: (one: FunctionStatus, other: FunctionStatus) => (one.createdAt ?? '').localeCompare(other.createdAt ?? ''),
}

export const define: Define = (command, context) => {
  outputOption(functionVerb(command))
    .option('-q, --quiet', 'print names only')
    .option('-v, --verbose', 'show image and age too, as -o wide')
    .addOption(new Option('--sort <order>', 'the order of the lines').choices(Object.keys(orders)).default('name'))
    .addHelpText(
      'after',
      examples(
        'skep list',
        'skep ls --sort invocations',
        'skep list -o wide',
        'skep list -q | xargs -n1 skep describe',
      ),
    )
    .action(async (options: ListOptions) => {
      const gateway = await openGateway(context, options)
      const functions = (await gateway.list(options.namespace)).toSorted(orders[options.sort])
      if (await printedAsData(context.out, functions, options)) return
      if (options.quiet) return functions.forEach((status) => context.out.print(keyOf(status)))
      const wide = options.verbose || options.output === 'wide'
      const head = ['NAME', 'INVOCATIONS', 'REPLICAS', ...(wide ? ['IMAGE', 'CREATED'] : [])]
      const rows = functions.map((status) => row(status, wide))
      // A gateway of OpenFaaS has no such numbers, and most functions have no such calls.
      const counts = await countCalls(gateway).catch((): CallCounts => ({}))
      const trouble = functions.map((status) => [String(status.restarts ?? 0), ...queuedOf(counts[keyOf(status)])])
      const isShown = (_: string, at: number): boolean => trouble.some((cells) => cells[at] !== '0')
      context.out.table(
        [...head, ...['RESTARTS', 'QUEUED', 'DEAD'].filter(isShown)],
        rows.map((cells, i) => [...cells, ...(trouble[i] ?? []).filter(isShown)]),
      )
    })
}

function queuedOf({ waiting = 0, delayed = 0, running = 0, dead = 0 }: CallCounts[string] = {}): string[] {
  return [String(waiting + delayed + running), String(dead)]
}

export const keyOf = ({ name, namespace = defaultNamespace }: FunctionStatus) => functionKey({ name, namespace })

function row(status: FunctionStatus, verbose: boolean): string[] {
  const short = [keyOf(status), String(status.invocationCount ?? 0), String(status.replicas ?? 0)]
  return verbose ? [...short, status.image, status.createdAt ?? ''] : short
}
