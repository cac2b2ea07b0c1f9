export interface CompletedVerb {
  readonly names: readonly string[]
  readonly summary: string
  /** What may follow it, where it has verbs of its own. */
  readonly words: readonly string[]
  readonly flags: readonly string[]
}

/** Verbs whose first word is a function that the gateway knows. */
const onFunctions = [
  ...['invoke', 'describe', 'logs', 'scale', 'remove', 'rm', 'delete', 'ready'],
  ...['diff', 'local-run', 'revisions', 'rollback', 'traffic'],
]

export const shells = { bash, zsh, fish } as const

function bash(verbs: readonly CompletedVerb[]): string {
  const cases = verbs.map(({ names, words, flags }) => {
    return `    ${names.join('|')}) flags="${flags.join(' ')}" words="${words.join(' ')}" ;;`
  })
  return `# skep and faas in bash:  source <(skep completion bash)
_skep() {
  local word="\${COMP_WORDS[COMP_CWORD]}" verb="\${COMP_WORDS[1]}" flags="" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${verbs.flatMap(({ names }) => names).join(' ')}" -- "$word"))
    return
  fi
  case "$verb" in
${cases.join('\n')}
  esac
  [ "$COMP_CWORD" -eq 2 ] || words=""
  case "$word:$verb:$words" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
    *:${onFunctions.map((verb) => `${verb}:`).join('|*:')}) COMPREPLY=($(compgen -W "$("\${COMP_WORDS[0]}" list -q 2>/dev/null)" -- "$word")) ;;
    *:) COMPREPLY=($(compgen -f -- "$word")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
  esac
}
complete -F _skep skep faas`
}

function zsh(verbs: readonly CompletedVerb[]): string {
  return `#compdef skep faas
# skep and faas in zsh:  source <(skep completion zsh)
autoload -U +X bashcompinit && bashcompinit
${bash(verbs)}`
}

function fish(verbs: readonly CompletedVerb[]): string {
  const lines = verbs.flatMap(({ names, summary, words, flags }) => [
    `complete -c $program -n __fish_use_subcommand -f -a ${names[0]} -d '${summary}'`,
    ...words.map((word) => `complete -c $program -n '__fish_seen_subcommand_from ${names.join(' ')}' -f -a ${word}`),
    ...flags
      .filter((flag) => flag.startsWith('--'))
      .map((flag) => `complete -c $program -n '__fish_seen_subcommand_from ${names.join(' ')}' -l ${flag.slice(2)}`),
  ])
  return `# skep and faas in fish:  skep completion fish | source
for program in skep faas
${lines.map((line) => `  ${line}`).join('\n')}
  complete -c $program -n '__fish_seen_subcommand_from ${onFunctions.join(' ')}' -f -a "($program list -q 2>/dev/null)"
end`
}
