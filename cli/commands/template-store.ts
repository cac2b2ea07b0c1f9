import { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples, gatewayVerb } from '../options.ts'
import { columns } from '../table.ts'
import { pullNamed, type PullOptions } from '../stack-templates.ts'
import { findInStore, readTemplateStore, type StoreEntry, type StoreOptions } from '../template-store.ts'
import { pullOptions, tellPulled } from '../template-pull-options.ts'

interface ListOptions extends StoreOptions {
  readonly platform?: string
  readonly recommended?: boolean
  readonly official?: boolean
  readonly verbose?: boolean
  readonly json?: boolean
}

/** `template store`: templates by name instead of by address. */
export function defineStore(parent: Command, context: Context): void {
  const store = parent.command('store').description('find templates by name')
  store.addHelpText('after', examples('skep template store list', 'skep template store pull node'))
  defineList(store, context)
  defineDescribe(store, context)
  definePull(store, context)
}

function defineList(parent: Command, context: Context): void {
  storeOptions(parent.command('list').alias('ls'))
    .description('list the templates that can be pulled by name')
    .option('-p, --platform <name>', 'only those for this platform, such as x86_64')
    .option('-r, --recommended', 'only recommended ones')
    .option('-o, --official', 'only official ones')
    .option('-v, --verbose', 'show language, platform and address too')
    .option('-j, --json', 'print JSON')
    .addHelpText(
      'after',
      examples('skep template store list', 'skep template store list -u https://example.org/templates.json'),
    )
    .action(async (options: ListOptions) => {
      const entries = (await readTemplateStore(context, options)).filter((entry) => isWanted(entry, options))
      if (options.json) return context.out.json(entries)
      const head = ['NAME', 'SOURCE', 'DESCRIPTION', ...(options.verbose ? ['LANGUAGE', 'PLATFORM', 'REPOSITORY'] : [])]
      context.out.table(
        head,
        entries.map(({ template, source, description, language, platform, repo }) => {
          return [template, source, description, ...(options.verbose ? [language, platform, repo] : [])]
        }),
      )
    })
}

function isWanted(entry: StoreEntry, { platform, recommended, official }: ListOptions): boolean {
  const runs = platform === undefined || entry.platform === 'any' || entry.platform.includes(platform)
  return runs && (!recommended || entry.recommended) && (!official || entry.official)
}

function defineDescribe(parent: Command, context: Context): void {
  storeOptions(parent.command('describe').alias('inspect'))
    .description('show everything about one template of the store')
    .argument('<name>', 'the template, or source/template')
    .option('-j, --json', 'print JSON')
    .addHelpText('after', examples('skep template store describe node'))
    .action(async (name: string, options: StoreOptions & { readonly json?: boolean }) => {
      const entry = findInStore(await readTemplateStore(context, options), name)
      if (options.json) return context.out.json(entry)
      for (const line of columns(rowsOf(entry))) context.out.print(line)
    })
}

const rowsOf = (entry: StoreEntry): string[][] => [
  ['Name:', entry.template],
  ['Description:', entry.description],
  ['Language:', entry.language],
  ['Platform:', entry.platform],
  ['Source:', entry.source],
  ['Repository:', entry.repo || '(comes with Skep)'],
  ['Official:', entry.official ? 'yes' : 'no'],
  ['Recommended:', entry.recommended ? 'yes' : 'no'],
]

function definePull(parent: Command, context: Context): void {
  pullOptions(storeOptions(parent.command('pull')))
    .description('pull one template by its name')
    .argument('<name>', 'the template, or template@ref')
    .addHelpText(
      'after',
      examples('skep template store pull node', 'skep template store pull node22@1.0 -u templates.json'),
    )
    .action(async (name: string, options: PullOptions) => {
      tellPulled(context, await pullNamed(context, { name }, options))
    })
}

function storeOptions(command: Command): Command {
  return gatewayVerb(command).option(
    '-u, --url <store>',
    'a templates.json or its URL (default: $OPENFAAS_TEMPLATE_STORE_URL, then Skep’s own templates and the gateway’s store)',
  )
}
