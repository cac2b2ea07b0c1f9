import type { z } from 'zod'

/** Every problem of a failed parse as `path: what is wrong`. With what was `given`, wrong numbers and words are shown. */
export function problemsOf(error: z.ZodError, given?: unknown): string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => `${[...issue.path, key].join('.')}: not a known field`)
    }
    return `${issue.path.join('.') || 'body'}: ${problemOf(issue, given)}`
  })
}

/** One of them without its path: in the words of the schema, or, where only its library speaks, in plain ones. */
export function problemOf(issue: z.core.$ZodIssue, given?: unknown): string {
  const plain = /^(Invalid|Too) /.test(issue.message) ? inPlainWords(issue) : undefined
  if (plain === undefined) return issue.message
  const value = issue.path.reduce<unknown>((inner, step) => Object(inner)[step], given)
  const isShort = typeof value === 'number' || (typeof value === 'string' && value.length < 40)
  return isShort ? `${plain}, not ${JSON.stringify(value)}` : plain
}

function inPlainWords(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === 'too_small' && issue.origin === 'number') {
    return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
  }
  if (issue.code === 'too_big' && issue.origin === 'number') {
    return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`
  }
  if (issue.code === 'invalid_value') return `must be ${alternatives(issue.values.map(String))}`
  if (issue.code !== 'invalid_type') return undefined
  return issue.message.endsWith('received undefined')
    ? 'is missing'
    : `must be ${kinds[issue.expected] ?? issue.expected}`
}

const alternatives = (words: readonly string[]) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}
