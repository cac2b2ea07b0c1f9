import { SkepError } from '../../gateway/core/errors.ts'
import { openGateway } from '../gateway.ts'
import { examples, functionVerb, type FunctionVerbOptions } from '../options.ts'
import { changeTraffic, readTraffic, type MirrorStatus, type TrafficStatus } from '../traffic.ts'
import type { Define } from './verb.ts'

type TrafficOptions = FunctionVerbOptions & {
  readonly mirror?: string
  readonly json?: boolean
}

export const define: Define = (command, context) => {
  functionVerb(command)
    .argument('<name>', 'the function')
    .argument('[revision=percent...]', 'how much each revision gets; together 100')
    .option('--mirror <revision=percent>', 'copy so much of the requests to a revision and compare; "off" ends it')
    .option('-j, --json', 'print what the gateway answers')
    .addHelpText(
      'after',
      examples('skep traffic hello', 'skep traffic hello 4=10 3=90', 'skep traffic hello --mirror 4=10'),
    )
    .action(async (name: string, shares: string[], options: TrafficOptions) => {
      const gateway = await openGateway(context, options)
      const address = { name, namespace: options.namespace }
      const weights = shares.length > 0 ? Object.fromEntries(shares.map(shareOf)) : undefined
      const mirror = options.mirror === undefined ? undefined : mirrorOf(options.mirror)
      if (weights || mirror !== undefined) await changeTraffic(gateway, address, { weights, mirror })
      const traffic = await readTraffic(gateway, address)
      if (options.json) return context.out.json(traffic)
      for (const sentence of sentencesOf(traffic)) context.out.print(`${name}: ${sentence}`)
    })
}

function mirrorOf(text: string): { revision: number; percent: number } | null {
  if (text === 'off') return null
  const [revision, percent] = shareOf(text)
  return { revision: Number(revision), percent }
}

function shareOf(text: string): [revision: string, percent: number] {
  const [, revision, percent] = /^(\d+)=(\d+(?:\.\d+)?)%?$/.exec(text) ?? []
  if (revision !== undefined) return [revision, Number(percent)]
  throw new SkepError('invalid_request', `"${text}" is no revision with its percent.`, {
    hint: 'Write such as 4=10; "skep revisions NAME" shows the numbers.',
  })
}

function sentencesOf({ weights, mirror }: TrafficStatus): string[] {
  const shares = Object.entries(weights).map(([revision, percent]) => `revision ${revision} gets ${percent} %`)
  return [shares.join(', '), ...(mirror ? mirrorSentences(mirror) : [])]
}

function mirrorSentences({
  revision,
  percent,
  compared,
  different,
  skipped,
  originals,
  copies,
}: MirrorStatus): string[] {
  const slow = (seconds: number): string => `${seconds.toFixed(3)} s`
  const copied = `revision ${revision} gets copies of ${percent} % of the requests: ${compared} compared, ${different} with another status, ${skipped} left out`
  const times = `the 95th percentile is ${slow(originals.p95Seconds)}, that of the copies ${slow(copies.p95Seconds)}`
  return compared > 0 ? [copied, times] : [copied]
}
