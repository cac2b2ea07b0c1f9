/** Flags that faas-cli has on until told otherwise. */
const onByDefault = ['envsubst', 'update', 'read-template', 'trim']
const offByDefault = [
  'replace',
  'readonly',
  'tls-no-verify',
  'tail',
  'quiet',
  'verbose',
  'json',
  'async',
  'no-cache',
  'overwrite',
]

/** faas-cli's `--envsubst=false` in commander's words, which are `--no-envsubst`. */
export function withoutGoBooleans(argv: readonly string[]): string[] {
  return argv.flatMap((word) => {
    const [, name = '', value = 'true'] = /^--([a-z-]+?)(?:=(true|false))?$/.exec(word) ?? []
    if (onByDefault.includes(name)) return value === 'false' ? `--no-${name}` : []
    if (offByDefault.includes(name)) return value === 'true' ? `--${name}` : []
    return word
  })
}
