import type { Command } from 'commander'
import { SkepError } from '../../gateway/core/errors.ts'
import type { Context } from '../context.ts'
import { examples, stackFileOption } from '../options.ts'
import { pullNamed, templateSources, type PullOptions } from '../stack-templates.ts'
import { pullTemplates } from '../template-pull.ts'
import { pullOptions, tellPulled } from '../template-pull-options.ts'
import { defineStore } from './template-store.ts'
import type { Define } from './verb.ts'

/** Where faas-cli looks, too, when nothing is said. */
const usualRepository = 'https://github.com/openfaas/templates.git'

export const define: Define = (command, context) => {
  const lines = ['skep template pull https://example.org/templates.git#v1', 'skep template store list']
  command.addHelpText('after', examples(...lines))
  definePull(command, context)
  defineStore(command, context)
}

function definePull(parent: Command, context: Context): void {
  pullOptions(stackFileOption(parent.command('pull')))
    .description('copy templates to ./template, where "skep new" and "skep build" find them first')
    .argument(
      '[source]',
      'a folder, or a git address with #branch, #tag or #sha-COMMIT; "stack": what the stack file says',
    )
    .addHelpText(
      'after',
      examples(
        'skep template pull https://example.org/templates.git#v1',
        'skep template pull ../our-templates --overwrite',
        'skep template pull stack -f stack.yml',
      ),
    )
    .action(async (source: string | undefined, options: PullOptions) => {
      if (source === 'stack') return pullSources(context, options)
      const from = source ?? context.env.templates ?? usualRepository
      context.out.note(`pulling templates from ${from}`)
      tellPulled(context, await pullTemplates(context, { source: from, overwrite: options.overwrite }))
    })
}

async function pullSources(context: Context, options: PullOptions): Promise<void> {
  const sources = await templateSources(context, options.yaml)
  if (sources.length === 0) throw noSources()
  for (const source of sources) tellPulled(context, await pullNamed(context, source, options))
}

const noSources = () =>
  new SkepError('invalid_request', 'There is no stack file here that names templates.', {
    hint: 'List them under configuration.templates, each with a name and a source; -f names another file.',
  })
