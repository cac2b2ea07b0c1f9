import { Command, CommanderError } from 'commander'
import { asSkepError, SkepError } from '../gateway/core/errors.ts'
import { verbs } from './commands/index.ts'
import type { Context } from './context.ts'
import { ExitCode } from './exit-code.ts'
import { withoutGoBooleans } from './go-booleans.ts'
import { whyLeftOut } from './left-out.ts'
import { stackOptions } from './options.ts'
import { version } from './version.ts'

/** Runs one command line. 0: done, 1: failed, 2: not understood, and then nothing was changed. */
export async function run(argv: readonly string[], context: Context): Promise<number> {
  // commander shows a verb's help without loading it; `help VERB` is therefore read as `VERB --help`.
  const asked = argv.length === 0 || argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv
  const words = isUnknown(asked[0]) ? asked.slice(0, 1) : asked // with --help behind it, it would not be missed
  const program = buildProgram(context)
  try {
    await program.parseAsync(withoutGoBooleans(words), { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    if (error instanceof CommanderError && error.code === 'commander.help') return 2 // the help has been printed
    if (error instanceof ExitCode) return error.code
    const failure = error instanceof CommanderError ? usageError(error, program, words) : explained(asSkepError(error))
    context.out.fail(failure)
    return ['invalid_request', 'invalid_query'].includes(failure.code) ? 2 : 1
  }
}

const isUnknown = (word = '-'): boolean =>
  !word.startsWith('-') && !verbs.some(({ name, aliases }) => [name, ...aliases].includes(word))

/** All verbs by name and summary; only the one that is asked for is loaded, so that every start is quick. */
function buildProgram(context: Context): Command {
  const program = stackOptions(new Command('skep'))
    .description('Functions on Docker: write one, deploy it, call it.')
    .version(version(), '-V, --version')
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', '\nRun "skep VERB --help" for the flags of a verb, with examples.')
  for (const { name, aliases, summary } of verbs) {
    program.command(name).aliases(aliases).summary(summary).description(summary)
  }
  program.hook('preSubcommand', async (_, command) => {
    const verb = verbs.find(({ name }) => name === command.name())
    if (verb) (await verb.load()).define(command, context, verbs)
  })
  // `skep -f stack.yml build` means `skep build -f stack.yml`.
  program.hook('preAction', (_, command) => {
    for (const [key, value] of Object.entries(program.opts())) {
      if (program.getOptionValueSource(key) === 'cli') command.setOptionValue(key, value)
    }
  })
  return program
}

function usageError(error: CommanderError, program: Command, words: readonly string[]): SkepError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const [, verb = ''] = /^unknown command '(.*)'$/.exec(message) ?? []
  const why = whyLeftOut(verb)
  if (why !== undefined)
    return new SkepError('invalid_request', `Skep has no "${verb}", which faas-cli has.`, { hint: why })
  const hint = suggestion?.replace(/^\((.*)\)$/, '$1')
  return new SkepError('invalid_request', `${capital(message.replace(/\.$/, ''))}.`, {
    hint: hint ?? `See "${meant(program, words)} --help".`,
  })
}

/** The command that the words name, as far as they do: `skep async list`. */
function meant(program: Command, words: readonly string[]): string {
  let command = program
  const path = [program.name()]
  for (const word of words) {
    const next = command.commands.find((one) => [one.name(), ...one.aliases()].includes(word))
    if (next === undefined) continue
    command = next
    path.push(word)
  }
  return path.join(' ')
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** What nobody foresaw says at least what it was: the system's own sentence, or where it happened. */
function explained(error: SkepError): SkepError {
  if (error.code !== 'internal' || error.detail !== undefined || !(error.cause instanceof Error)) return error
  const { code, message } = error.cause as NodeJS.ErrnoException
  if (code === 'ECONNRESET') {
    const hint = 'Look at what it had done by then, and at the gateway’s log.'
    return new SkepError('gateway_unavailable', 'The other side closed the connection.', { hint })
  }
  if (code !== undefined && /^ERR_(INVALID_HTTP_TOKEN|INVALID_CHAR|UNESCAPED_CHARACTERS)$/.test(code)) {
    const hint = 'Headers take letters, digits and signs of ASCII: encode the rest, as base64 for example.'
    return new SkepError('invalid_request', `No request can carry this: ${message}.`, { hint })
  }
  if (code !== undefined && /^E[A-Z]+$/.test(code))
    return new SkepError('internal', `${message}.`, { hint: systemHints[code] })
  return new SkepError('internal', error.message, {
    detail: error.cause.stack ?? error.cause.message,
    hint: 'This is a fault of Skep: please report these lines, and what "skep version" says.',
  })
}

const mayNot = 'Who runs skep may not do this: look at the owner and the rights of that file.'
const systemHints: Readonly<Record<string, string>> = {
  EACCES: mayNot,
  EPERM: mayNot,
  EROFS: 'Nothing can be written there: choose another folder.',
  ENOSPC: 'The disk is full: make room on it.',
}
