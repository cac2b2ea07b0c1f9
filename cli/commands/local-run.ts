import { SkepError } from '../../gateway/core/errors.ts'
import type { FunctionSpec } from '../../gateway/core/spec.ts'
import type { Context } from '../context.ts'
import { freePort } from '../demo-gateway.ts'
import { ExitCode } from '../exit-code.ts'
import { stackToBuild, type BuiltOptions } from '../function-options.ts'
import { dockerWords, runImage, runProcess } from '../local-run.ts'
import { examples, portNumber, imageOptions, repeatable, stackOptions, type TagMode } from '../options.ts'
import { noFlags, specsOf } from '../specs.ts'
import { findTemplate } from '../template.ts'
import type { Define } from './verb.ts'

interface LocalRunOptions extends BuiltOptions {
  readonly port: number
  readonly env: readonly string[]
  readonly print?: boolean
  readonly useImage?: boolean
  readonly tag: TagMode
}

export const define: Define = (command, context) => {
  imageOptions(stackOptions(command))
    .argument('[name]', 'the function; not needed when the stack file has only one')
    .option('-p, --port <port>', 'the port to listen on, or the next one that is free; 0 takes any', portNumber, 8080)
    .addOption(repeatable('-e, --env <key=value>', 'an environment variable'))
    .option('--use-image', 'run its image in Docker, even if its template could run it as a process')
    .option('--print', 'only print the docker command')
    .addHelpText(
      'after',
      examples('skep local-run hello', 'skep local-run hello --port 8081 -e LOG=debug', 'skep local-run --print'),
    )
    .action((name: string | undefined, options: LocalRunOptions) => localRun(context, name, options))
}

async function localRun(context: Context, name: string | undefined, options: LocalRunOptions): Promise<void> {
  const stack = await stackToBuild(context, name === undefined ? options : { ...options, filter: name })
  const [only, ...more] = stack.functions
  if (only === undefined || more.length > 0) throw severalOf(stack.functions.map(([one]) => one))
  const asImage = options.useImage || options.print || !(await hasRuntime(context, only[1].lang))
  const flags = { ...noFlags, env: options.env, tag: options.tag }
  const [spec] = await specsOf({ context, stack, flags, runsFolders: !asImage })
  if (spec) await run(context, spec, asImage, options)
}

async function run(context: Context, spec: FunctionSpec, asImage: boolean, options: LocalRunOptions): Promise<void> {
  const port = options.print ? options.port : await freePort(options.port)
  const local = { spec, port, cwd: context.cwd, variables: context.env.variables }
  if (options.print) return context.out.print(dockerWords(local).map(quoted).join(' '))
  context.out.print(`${spec.name}: http://127.0.0.1:${port}, until Ctrl-C`)
  const code = await (asImage ? runImage(local) : runProcess(local))
  if (code !== 0) throw new ExitCode(1)
}

/** Templates of OpenFaaS bring their own server, which only their image has. */
async function hasRuntime(context: Context, lang: string | undefined): Promise<boolean> {
  if (lang === undefined || lang.toLowerCase() === 'dockerfile') return false
  return (await findTemplate(context.cwd, lang)).runtime !== undefined
}

const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)

const severalOf = (names: readonly string[]) =>
  new SkepError('invalid_request', 'Say which function is to run.', { hint: `There are: ${names.join(', ')}.` })
