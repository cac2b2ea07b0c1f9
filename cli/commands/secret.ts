import type { Command } from 'commander'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SkepError } from '../../gateway/core/errors.ts'
import type { Context } from '../context.ts'
import { openGateway } from '../gateway.ts'
import { examples, functionVerb, type FunctionVerbOptions } from '../options.ts'
import { secretsFolder, secretValue, valueOfFile, type ValueOptions } from '../secret-value.ts'
import { changeSecret, listSecrets, makeSecret, removeSecret, setSecret } from '../secrets.ts'
import type { Define } from './verb.ts'

export const define: Define = (command, context) => {
  command.addHelpText(
    'after',
    examples(
      'skep secret create api-token < token.txt',
      'skep secret update api-token --from-literal s3cret',
      'skep deploy --name hello --image example/hello --secret api-token',
    ),
  )
  defineCreate(command, context)
  defineUpdate(command, context)
  defineList(command, context)
  defineRemove(command, context)
  defineApply(command, context)
}

function defineCreate(parent: Command, context: Context): void {
  valueOptions(functionVerb(parent.command('create')))
    .description('make a secret of a file, of stdin, or of what you type')
    .argument('<name>', 'what functions will call it: they read /run/secrets/NAME')
    .option('--replace', 'give it this value if it is there already')
    .action(async (name: string, options: FunctionVerbOptions & ValueOptions & { readonly replace?: boolean }) => {
      const secret = { name, namespace: options.namespace, ...(await secretValue(context, options)) }
      const gateway = await openGateway(context, options)
      const done = options.replace ? await setSecret(gateway, secret) : await makeSecret(gateway, secret)
      context.out.print(`${name}: ${done ?? 'created'}`)
    })
}

function defineUpdate(parent: Command, context: Context): void {
  valueOptions(functionVerb(parent.command('update').alias('u')))
    .description('give a secret another value')
    .argument('<name>', 'the secret')
    .action(async (name: string, options: FunctionVerbOptions & ValueOptions) => {
      const secret = { name, namespace: options.namespace, ...(await secretValue(context, options)) }
      await changeSecret(await openGateway(context, options), secret)
      context.out.print(`${name}: updated`)
    })
}

function defineList(parent: Command, context: Context): void {
  functionVerb(parent.command('list').alias('ls'))
    .description('list the names of secrets; nobody can read their values')
    .option('-j, --json', 'print what the gateway answers')
    .action(async (options: FunctionVerbOptions & { readonly json?: boolean }) => {
      const secrets = await listSecrets(await openGateway(context, options), options.namespace)
      if (options.json) return context.out.json(secrets)
      context.out.table(
        ['NAME', 'NAMESPACE'],
        secrets.map(({ name, namespace = '' }) => [name, namespace]),
      )
    })
}

function defineRemove(parent: Command, context: Context): void {
  functionVerb(parent.command('remove').aliases(['rm', 'delete']))
    .description('remove a secret that no function uses')
    .argument('<name>', 'the secret')
    .action(async (name: string, options: FunctionVerbOptions) => {
      await removeSecret(await openGateway(context, options), { name, namespace: options.namespace })
      context.out.print(`${name}: removed`)
    })
}

function defineApply(parent: Command, context: Context): void {
  functionVerb(parent.command('apply'))
    .description('make or update a secret of each file in ./.secrets')
    .action(async (options: FunctionVerbOptions) => {
      const folder = secretsFolder(context)
      const names = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.')).toSorted()
      if (names.length === 0)
        throw new SkepError('invalid_request', `There are no files in ${folder}.`, {
          hint: 'Put one there for each secret; its name is the secret’s.',
        })
      const gateway = await openGateway(context, options)
      for (const name of names) {
        const value = await valueOfFile(join(folder, name), true)
        context.out.print(`${name}: ${await setSecret(gateway, { name, namespace: options.namespace, ...value })}`)
      }
    })
}

const valueOptions = (command: Command): Command =>
  command
    .option('--from-literal <value>', 'the value; other users of this machine can see it here')
    .option('--from-file <file>', 'the file that has the value')
    .option('--no-trim', 'keep the blanks and line ends around it')
