import { SkepError } from '../../gateway/core/errors.ts'
import { ownRegistry } from '../../gateway/core/registry.ts'
import { FunctionName } from '../../gateway/core/names.ts'
import type { Context } from '../context.ts'
import { defaultGateway } from '../gateway.ts'
import { writeFunction } from '../new-function.ts'
import { examples, url } from '../options.ts'
import { stackOf } from '../stack.ts'
import { columns } from '../table.ts'
import { pullMissingTemplates, templateSources } from '../stack-templates.ts'
import { findTemplate, listTemplates } from '../template.ts'
import type { Define } from './verb.ts'

interface NewOptions {
  readonly lang?: string
  readonly gateway: string
  readonly handler?: string
  readonly prefix?: string
  readonly memoryLimit?: string
  readonly cpuLimit?: string
  readonly memoryRequest?: string
  readonly cpuRequest?: string
  readonly list?: boolean
  readonly append?: string
  readonly quiet?: boolean
}

export const define: Define = (command, context) => {
  command
    .argument('[name]', 'the function')
    .option('--lang <template>', 'the template')
    .option('--list', 'list the templates')
    .option('-g, --gateway <url>', 'the gateway that goes into the file', url, defaultGateway)
    .option('--handler <folder>', 'the folder of the handler (default: the name)')
    .option(
      '-p, --prefix <prefix>',
      `what comes before the image's name (default: $OPENFAAS_PREFIX, then ${ownRegistry})`,
    )
    .option('-a, --append <file>', 'add to this stack file instead of writing NAME.yml')
    .option('--memory-limit <size>', 'memory at most, such as 128Mi')
    .option('--cpu-limit <processors>', 'processors at most, such as 0.5 or 500m')
    .option('--memory-request <size>', 'memory that is kept free for it')
    .option('--cpu-request <processors>', 'processors that are kept free for it')
    .option('-q, --quiet', 'leave the template’s notes out')
    .addHelpText(
      'after',
      examples('skep new --list', 'skep new hello --lang node', 'skep new world --lang node --append hello.yml'),
    )
    .action((name: string | undefined, options: NewOptions) => {
      return options.list ? printTemplates(context) : create(context, name, options)
    })
}

async function printTemplates({ cwd, out }: Context): Promise<void> {
  const templates = await listTemplates(cwd)
  for (const line of columns(templates.map(({ name, language }) => [name, language]))) out.print(line)
}

async function create(context: Context, name: string | undefined, options: NewOptions): Promise<void> {
  if (name === undefined || options.lang === undefined) throw incomplete()
  const problem = FunctionName.safeParse(name).error?.issues[0]?.message
  if (problem !== undefined) {
    throw new SkepError('invalid_request', `"${name}" is no name for a function: ${problem}.`, {
      hint: 'Choose one such as say-hello.',
    })
  }
  await pullMissingTemplates(context, [options.lang], await templateSources(context, options.append), {})
  const template = await findTemplate(context.cwd, options.lang)
  const prefix = options.prefix ?? context.env.imagePrefix ?? ownRegistry
  const handler = (options.handler ?? name).replace(/^\.\//, '')
  const image = `${prefix.replace(/\/+$/, '')}/${name}:latest`
  const limits = given({ memory: options.memoryLimit, cpu: options.cpuLimit })
  const requests = given({ memory: options.memoryRequest, cpu: options.cpuRequest })
  stackOf(context.cwd, name, { image, limits, requests }) // what is wrong there is told before anything is written
  const { cwd } = context
  const file = await writeFunction(
    { name, template, cwd, handler, image, gateway: options.gateway, limits, requests },
    options.append,
  )
  context.out.print(`Handler: ${handler}/`)
  context.out.print(`Stack file: ${file}`)
  if (!options.quiet && template.welcome_message) context.out.print(`\n${template.welcome_message.trimEnd()}`)
  context.out.note(`\nNext: skep up -f ${file}`)
}

const incomplete = () =>
  new SkepError('invalid_request', 'A new function needs a name and a template.', {
    hint: 'skep new NAME --lang TEMPLATE; "skep new --list" shows the templates.',
  })

const given = (values: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
