import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { openGateway } from '../gateway.ts'
import { bodyOf } from '../http-request.ts'
import { listNamespaces } from '../namespaces.ts'
import { examples, gatewayVerb, pairs, repeatable, type GatewayOptions } from '../options.ts'
import type { Define } from './verb.ts'

interface NoteOptions extends GatewayOptions {
  readonly label: readonly string[]
  readonly annotation: readonly string[]
}

export const define: Define = (command, context) => {
  command.addHelpText('after', examples('skep namespaces', 'skep namespace create staging', 'skep up -n staging'))
  defineList(command, context)
  defineGet(command, context)
  defineChange(command, context, { name: 'create', method: 'POST', summary: 'make a namespace', done: 'created' })
  const summary = 'give a namespace other labels and annotations'
  defineChange(command, context, { name: 'update', method: 'PUT', summary, done: 'updated' })
  defineRemove(command, context)
}

function defineList(parent: Command, context: Context): void {
  gatewayVerb(parent.command('list', { isDefault: true }).alias('ls'))
    .description('list the namespaces')
    .option('-j, --json', 'print what the gateway answers')
    .action(async (given: GatewayOptions & { readonly json?: boolean }) => {
      const gateway = await openGateway(context, given)
      const names = await listNamespaces(gateway)
      if (given.json) return context.out.json(names)
      for (const name of names) context.out.print(name)
    })
}

function defineGet(parent: Command, context: Context): void {
  gatewayVerb(parent.command('get'))
    .description('show a namespace with its labels and annotations')
    .argument('<name>', 'the namespace')
    .action(async (name: string, given: GatewayOptions) => {
      const gateway = await openGateway(context, given)
      context.out.json(await gateway.read(pathOf(name)))
    })
}

interface Change {
  readonly name: 'create' | 'update'
  readonly method: 'POST' | 'PUT'
  readonly summary: string
  readonly done: string
}

function defineChange(parent: Command, context: Context, { name: verb, method, summary, done }: Change): void {
  gatewayVerb(parent.command(verb))
    .description(summary)
    .argument('<name>', 'the namespace')
    .addOption(repeatable('-l, --label <key=value>', 'a label'))
    .addOption(repeatable('--annotation <key=value>', 'an annotation'))
    .action(async (name: string, given: NoteOptions) => {
      const gateway = await openGateway(context, given)
      // An OpenFaaS gateway looks for this mark on its namespaces.
      const mark = { openfaas: '1' }
      const labels = { ...mark, ...pairs(given.label, '--label') }
      const annotations = { ...mark, ...pairs(given.annotation, '--annotation') }
      // It is made where no name is, as faas-cli does it.
      const path = method === 'POST' ? pathOf('') : pathOf(name)
      await bodyOf(await gateway.ask(path, { method, json: { name, labels, annotations } }))
      context.out.print(`${name}: ${done}`)
    })
}

function defineRemove(parent: Command, context: Context): void {
  gatewayVerb(parent.command('remove').aliases(['rm', 'delete']))
    .description('remove an empty namespace')
    .argument('<name>', 'the namespace')
    .action(async (name: string, given: GatewayOptions) => {
      const gateway = await openGateway(context, given)
      await bodyOf(await gateway.ask(pathOf(name), { method: 'DELETE', json: { name, labels: { openfaas: '1' } } }))
      context.out.print(`${name}: removed`)
    })
}

const pathOf = (name: string): string => `/system/namespace/${encodeURIComponent(name)}`
