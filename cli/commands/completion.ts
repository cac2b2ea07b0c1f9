import { Argument, Command, Option } from 'commander'
import { shells, type CompletedVerb } from '../completion-scripts.ts'
import type { Context } from '../context.ts'
import { examples } from '../options.ts'
import type { Define, Verb } from './verb.ts'

type Shell = keyof typeof shells

export const define: Define = (command, context, verbs) => {
  const names = Object.keys(shells)
  command
    .addArgument(new Argument('[shell]', 'the shell').choices(names))
    .addOption(new Option('--shell <shell>', 'the shell, as faas-cli asks for it').choices(names).default('bash'))
    .addHelpText('after', examples('source <(skep completion bash)', 'skep completion fish | source'))
    .action(async (shell: Shell | undefined, options: { readonly shell: Shell }) => {
      const completed = await Promise.all(verbs.map(async (verb) => completedVerb(verb, context, verbs)))
      context.out.print(shells[shell ?? options.shell](completed))
    })
}

async function completedVerb(verb: Verb, context: Context, verbs: readonly Verb[]): Promise<CompletedVerb> {
  const command = new Command(verb.name)
  const { define } = await verb.load()
  define(command, context, verbs)
  const flags = [command, ...command.commands].flatMap((one) =>
    one
      .createHelp()
      .visibleOptions(one)
      .flatMap(({ short, long }) => [short, long]),
  )
  return {
    names: [verb.name, ...verb.aliases],
    summary: verb.summary,
    words: command.commands.map((one) => one.name()),
    flags: [...new Set(flags.filter((flag) => flag !== undefined))],
  }
}
