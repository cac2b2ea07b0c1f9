import { Option, type Command } from 'commander'
import { SkepError } from '../../gateway/core/errors.ts'
import { callStates } from '../../gateway/core/queue.ts'
import { changeCalls, countCalls, listCalls, showCall, type CallChange, type CallQuery } from '../async-calls.ts'
import type { Context } from '../context.ts'
import { openGateway } from '../gateway.ts'
import { atLeastOne, examples, gatewayVerb, type GatewayOptions } from '../options.ts'
import type { Define } from './verb.ts'

type SelectionOptions = GatewayOptions & Omit<CallQuery, 'id'>
type ListOptions = SelectionOptions & { readonly limit: number; readonly json?: boolean }
type ChangeOptions = SelectionOptions & Pick<CallChange, 'all' | 'to'>

export const define: Define = (command, context) => {
  command.addHelpText('after', examples('skep async list --state dead', 'skep async retry --function hello'))
  defineCount(command, context)
  defineList(command, context)
  defineShow(command, context)
  const retried = 'send dead letters again, or cancelled calls if --state or an id says so'
  defineChange(command, context, { action: 'retry', summary: retried, done: 'sent again' }).option(
    '--to <function>',
    'to another function, or to hello@3 for one of its revisions',
  )
  const cancelled = 'take calls back that wait, and cut off those that run'
  defineChange(command, context, { action: 'cancel', summary: cancelled, done: 'cancelled' })
  defineChange(command, context, { action: 'purge', summary: 'forget calls that have ended', done: 'forgotten' })
}

function defineCount(parent: Command, context: Context): void {
  gatewayVerb(parent.command('count'))
    .description('count the calls of each function by their state')
    .option('-j, --json', 'print what the gateway answers')
    .action(async (options: GatewayOptions & { readonly json?: boolean }) => {
      const counts = await countCalls(await openGateway(context, options))
      if (options.json) return context.out.json(counts)
      const rows = Object.entries(counts).toSorted(([one], [other]) => one.localeCompare(other))
      context.out.table(
        ['FUNCTION', ...callStates.map((state) => state.toUpperCase())],
        rows.map(([name, byState]) => [name, ...callStates.map((state) => String(byState[state] ?? 0))]),
      )
    })
}

function defineList(parent: Command, context: Context): void {
  selectionOptions(parent.command('list').alias('ls'))
    .description('list calls, the newest first')
    .option('--limit <number>', 'at most so many', atLeastOne, 100)
    .option('-j, --json', 'print what the gateway answers')
    .addHelpText('after', examples('skep async list --function hello --state dead --since 2h'))
    .action(async (options: ListOptions) => {
      const calls = await listCalls(await openGateway(context, options), queryOf(options), options.limit)
      if (options.json) return context.out.json(calls)
      context.out.table(
        ['ID', 'FUNCTION', 'STATE', 'ACCEPTED', 'ATTEMPTS', 'REASON'],
        calls.map((call) => {
          return [call.id, call.function, call.state, call.acceptedAt, String(call.attempt), call.reason ?? '']
        }),
      )
    })
}

function defineShow(parent: Command, context: Context): void {
  gatewayVerb(parent.command('show'))
    .description('show a call with its request and its answer')
    .argument('<id>', 'the call’s id')
    .action(async (id: string, options: GatewayOptions) => {
      context.out.json(await showCall(await openGateway(context, options), id))
    })
}

interface ChangeVerb {
  readonly action: 'retry' | 'cancel' | 'purge'
  readonly summary: string
  readonly done: string
}

function defineChange(parent: Command, context: Context, { action, summary, done }: ChangeVerb): Command {
  return selectionOptions(parent.command(action))
    .description(summary)
    .argument('[id...]', 'the calls’ ids; without, the flags say which')
    .option('--all', 'every call that can be changed so')
    .addHelpText('after', examples(`skep async ${action} 7b1c…`, `skep async ${action} --function hello --since 1h`))
    .action(async (ids: string[], options: ChangeOptions) => {
      const gateway = await openGateway(context, options)
      const selection = { ...queryOf(options), all: options.all, to: options.to }
      const changes: CallChange[] =
        ids.length > 0 ? ids.map((id) => ({ ...selection, id })) : [selectedBy(selection, action)]
      let changed = 0
      const left: string[] = []
      for (const change of changes) {
        const count = await changeCalls(gateway, action, change)
        changed += count
        if (count === 0 && change.id !== undefined) left.push(change.id)
      }
      context.out.print(`${changed} ${changed === 1 ? 'call' : 'calls'} ${done}`)
      if (left.length > 0) throw notAll(left, done)
    })
}

/** What was cancelled on purpose is not sent again by the way. */
function selectedBy(selection: CallChange, action: ChangeVerb['action']): CallChange {
  const { to: _, ...which } = selection
  if (Object.values(which).every((value) => value === undefined)) throw noneSelected()
  return action === 'retry' ? { ...selection, state: selection.state ?? 'dead' } : selection
}

const noneSelected = () =>
  new SkepError('invalid_request', 'It is not said which calls.', {
    hint: 'Name their ids, or choose with --function, --state, --since, --until or --all.',
  })

const notAll = (ids: readonly string[], done: string) =>
  new SkepError('conflict', `Not ${done}: ${ids.join(', ')}.`, {
    hint: '"skep async show ID" says how it stands, unless it is forgotten by now.',
  })

function selectionOptions(command: Command): Command {
  return gatewayVerb(command)
    .option('--function <name>', 'only calls of this function')
    .addOption(new Option('--state <state>', 'only calls in this state').choices(callStates))
    .option('--since <time>', 'only calls accepted since this time (RFC 3339), or since 90m ago')
    .option('--until <time>', 'only calls accepted before this time, or more than 90m ago')
}

const queryOf = ({ function: name, state, since, until }: SelectionOptions): CallQuery => ({
  function: name,
  state,
  since,
  until,
})
