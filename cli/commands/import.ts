import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { stringify } from 'yaml'
import { asSkepError, SkepError } from '../../gateway/core/errors.ts'
import type { Context } from '../context.ts'
import { openGateway } from '../gateway.ts'
import { importFolder } from '../import-folder.ts'
import { importGateway } from '../import-gateway.ts'
import type { Imported } from '../imported.ts'
import { examples, namespaceOption } from '../options.ts'
import { readStack } from '../stack.ts'
import type { Define } from './verb.ts'

interface ImportOptions {
  readonly namespace?: string
  readonly output: string
  readonly token?: string
  readonly tlsNoVerify?: boolean
}

export const define: Define = (command, context) => {
  namespaceOption(command)
    .argument('<source>', 'a folder with stack files, or the URL of a gateway of OpenFaaS or Skep')
    .option('-o, --output <file>', 'the stack file to write', 'stack.yml')
    .option('-k, --token <token>', 'send this bearer token to the gateway instead of the stored login')
    .option('--tls-no-verify', 'accept any certificate')
    .addHelpText('after', examples('skep import ../old-functions', 'skep import http://old-swarm:8080 -o old.yml'))
    .action((source: string, options: ImportOptions) => importFrom(context, source, options))
}

async function importFrom(context: Context, source: string, options: ImportOptions): Promise<void> {
  const target = resolve(context.cwd, options.output)
  if (existsSync(target)) throw taken(options.output)
  const imported = /^https?:\/\//.test(source)
    ? await importGateway(await openGateway(context, { ...options, gateway: source }), options.namespace)
    : await importFolder(context.cwd, source)
  const count = Object.keys(imported.functions).length
  if (count === 0)
    throw new SkepError('not_found', `There are no functions at ${source}.`, {
      hint: 'Name another folder or gateway, or another namespace with -n.',
    })
  await writeFile(target, textOf(imported))
  for (const note of imported.notes) context.out.warn(note)
  context.out.print(`${options.output}: ${count} ${count === 1 ? 'function' : 'functions'}`)
  // Written all the same: what is wrong is easier corrected there.
  await readStack(context, { yaml: options.output }).catch((error: unknown) => {
    throw toCorrect(options.output, asSkepError(error))
  })
}

function textOf({ functions, templates, copy }: Imported): string {
  const configuration = { ...(templates.length > 0 && { templates }), ...(copy.length > 0 && { copy }) }
  const some = Object.keys(configuration).length > 0
  const file = { provider: { name: 'openfaas' }, ...(some && { configuration }), functions }
  return `version: 1.0\n${stringify(file)}`
}

const toCorrect = (file: string, { detail, message }: SkepError) =>
  new SkepError('conflict', `${file} cannot be deployed as it is.`, {
    detail: detail ?? message,
    hint: `What is wrong came with what was imported: correct it in ${file}.`,
  })

const taken = (file: string) =>
  new SkepError('invalid_request', `${file} is there already; nothing was written.`, {
    hint: 'Name another file with --output.',
  })
