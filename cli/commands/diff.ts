import { SkepError } from '../../gateway/core/errors.ts'
import type { FunctionSpec } from '../../gateway/core/spec.ts'
import type { Context } from '../context.ts'
import { deployedSpec } from '../deployed-spec.ts'
import { ExitCode } from '../exit-code.ts'
import { unlessMissing } from '../gateway-error.ts'
import { openGateway } from '../gateway.ts'
import type { GatewayClient } from '../gateway-client.ts'
import {
  count,
  examples,
  gatewayOptions,
  imageOptions,
  namespaceOption,
  stackOptions,
  type FunctionVerbOptions,
  type TagMode,
} from '../options.ts'
import { listRevisions } from '../revisions.ts'
import { changeLines, changesBetween, type Change } from '../spec-diff.ts'
import { noFlags, specsOf } from '../specs.ts'
import { readStack } from '../stack.ts'
import { runsFolders } from './deploy.ts'
import type { Define } from './verb.ts'

interface DiffOptions extends FunctionVerbOptions {
  readonly tag: TagMode
  readonly json?: boolean
}

/** One function's changes; `new` when it is not deployed yet. */
interface Difference {
  readonly name: string
  readonly state: 'same' | 'changed' | 'new'
  readonly changes: readonly Change[]
}

export const define: Define = (command, context) => {
  imageOptions(namespaceOption(gatewayOptions(stackOptions(command))))
    .argument('[name]', 'only this function')
    .argument('[from]', 'a revision of it, to be compared with another', count)
    .argument('[to]', 'the other revision (default: the one that has the traffic)', count)
    .option('-j, --json', 'print JSON')
    .addHelpText('after', examples('skep diff', 'skep diff hello', 'skep diff hello 3 4'))
    .addHelpText('after', `\n${about}`)
    .action(
      async (name: string | undefined, from: number | undefined, to: number | undefined, options: DiffOptions) => {
        const differences =
          name === undefined || from === undefined
            ? await betweenFileAndGateway(context, name, options)
            : [await betweenRevisions(context, name, [from, to], options)]
        show(context, differences, options)
        if (differences.some(({ state }) => state !== 'same')) throw new ExitCode(1)
      },
    )
}

const about = `Compares what is asked for, not what images and folders hold.
Exit code: 0 nothing would change, 1 something would, or it could not be compared.`

/** What a deploy of the stack file would change. */
async function betweenFileAndGateway(
  context: Context,
  name: string | undefined,
  options: DiffOptions,
): Promise<Difference[]> {
  const stack = await readStack(context, name === undefined ? options : { ...options, filter: name })
  const gateway = await openGateway(context, options, stack.gateway)
  const { namespace, tag } = options
  const flags = { ...noFlags, tag, ...(namespace !== undefined && { namespace }) }
  const specs = await specsOf({ context, stack, flags, runsFolders: await runsFolders(gateway) })
  return Promise.all(specs.map((spec) => toGateway(gateway, spec)))
}

async function toGateway(gateway: GatewayClient, spec: FunctionSpec): Promise<Difference> {
  const status = await unlessMissing(gateway.describe(spec.name, spec.namespace))
  return difference(spec.name, status && deployedSpec(status), spec)
}

async function betweenRevisions(
  context: Context,
  name: string,
  [from, to]: readonly [number, number | undefined],
  options: DiffOptions,
): Promise<Difference> {
  const revisions = await listRevisions(await openGateway(context, options), { name, namespace: options.namespace })
  const current = revisions.toSorted((one, other) => other.weight - one.weight)[0]?.number
  const specOf = (number: number | undefined): object => {
    const found = revisions.find((revision) => revision.number === number)
    if (found) return found.spec
    throw new SkepError('not_found', `The function ${name} has no revision ${number}.`, {
      hint: `There are: ${revisions.map((revision) => revision.number).join(', ')}.`,
    })
  }
  return difference(name, specOf(from), specOf(to ?? current))
}

function difference(name: string, from: object | undefined, to: object): Difference {
  const changes = changesBetween(from ?? {}, to)
  return { name, state: from === undefined ? 'new' : changes.length === 0 ? 'same' : 'changed', changes }
}

function show({ out }: Context, differences: readonly Difference[], { json }: DiffOptions): void {
  if (json) return out.json(differences)
  for (const { name, state, changes } of differences) {
    out.print(`${out.paint('bold', name)}: ${state}`)
    for (const line of changeLines(changes, out.paint)) out.print(line)
  }
}
