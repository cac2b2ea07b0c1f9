import { setTimeout as sleep } from 'node:timers/promises'
import { Option } from 'commander'
import type { Context } from '../context.ts'
import { openGateway } from '../gateway.ts'
import { momentOf, statusBetween, type LiveStatus, type Moment } from '../live-status.ts'
import { examples, functionVerb, milliseconds, type FunctionVerbOptions } from '../options.ts'
import { outputOption, printedAsData, type OutputOptions } from '../output-option.ts'
import type { Style } from '../output.ts'
import { columns } from '../table.ts'
import type { Define } from './verb.ts'

interface StatusOptions extends FunctionVerbOptions, OutputOptions {
  readonly once?: boolean
  readonly interval: number
}

export const define: Define = (command, context) => {
  outputOption(functionVerb(command))
    .argument('[name]', 'only this function')
    .option('--once', 'print it once; so it does where there is no terminal')
    .addOption(new Option('--interval <duration>', 'how often to look').argParser(milliseconds).default(2000, '2s'))
    .addHelpText(
      'after',
      examples('skep status', 'skep status hello', 'skep top --interval 5s', 'skep status --once -o json'),
    )
    .action(async (name: string | undefined, options: StatusOptions) => {
      const gateway = await openGateway(context, options)
      const look = () => momentOf(gateway, { name, namespace: options.namespace })
      const isData = options.json || options.output === 'json' || options.output === 'yaml'
      if (context.out.screen && !options.once && !isData)
        return watch(context, context.out.screen, look, options.interval)
      const before = await look()
      await sleep(Math.min(options.interval, 1000)) // rates need two looks
      const rows = statusBetween(before, await look())
      if (await printedAsData(context.out, rows, options)) return
      context.out.table(head, rows.map(cellsOf))
    })
}

/** Draws over the same screen until Ctrl-C, and leaves the terminal as it was. */
async function watch(
  { out }: Context,
  screen: NodeJS.WriteStream,
  look: () => Promise<Moment>,
  interval: number,
): Promise<void> {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  let before = await look()
  screen.write('\x1B[?1049h')
  try {
    for (let wait = 500; !stop.signal.aborted; wait = interval) {
      await sleep(wait, undefined, { signal: stop.signal })
      const after = await look()
      screen.write(`\x1B[H\x1B[J${drawn(statusBetween(before, after), screen, after.url, out.paint).join('\n')}\n`)
      before = after
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    screen.write('\x1B[?1049l')
  }
}

type Paint = (style: Style, text: string) => string

function drawn(rows: readonly LiveStatus[], screen: NodeJS.WriteStream, url: string, paint: Paint): string[] {
  const busiest = rows.toSorted((one, other) => other.inFlight - one.inFlight || other.perSecond - one.perSecond)
  const [title = '', ...lines] = columns([head, ...busiest.map(cellsOf)], screen.columns)
  const shown = lines.slice(0, Math.max(1, screen.rows - 4)).map((line, index) => {
    const { errorPercent = 0, inFlight = 0 } = busiest[index] ?? {}
    return errorPercent > 0 ? paint('red', line) : inFlight > 0 ? paint('green', line) : line
  })
  return [
    paint('dim', `${url}  ${rows.length === 1 ? '1 function' : `${rows.length} functions`}, Ctrl-C ends`),
    '',
    paint('bold', title),
    ...shown,
  ]
}

const head = ['NAME', 'REPLICAS', 'IN FLIGHT', 'WAITING', 'CALLS/S', 'ERRORS', 'P95']

const cellsOf = (row: LiveStatus): string[] => [
  row.name,
  `${row.availableReplicas}/${row.replicas}`,
  String(row.inFlight),
  String(row.waiting),
  row.perSecond.toFixed(1),
  row.errorPercent === undefined ? '-' : `${row.errorPercent.toFixed(1)}%`,
  row.p95Ms === undefined ? '-' : `≤${Math.round(row.p95Ms)}ms`,
]
