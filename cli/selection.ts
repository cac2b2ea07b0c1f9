import { SkepError } from '../gateway/core/errors.ts'
import type { StackOptions } from './options.ts'

/** The functions that --filter or --regex choose; all without either. */
export function selected<T>(
  functions: readonly (readonly [string, T])[],
  { filter, regex }: StackOptions,
): readonly (readonly [string, T])[] {
  if (filter !== undefined && regex !== undefined)
    throw invalid('Functions are chosen by --filter or by --regex, not both.', 'Leave one of them out.')
  if (functions.length === 0)
    throw invalid('The stack file has no functions.', '"skep new NAME --lang LANG --append FILE" adds one.')
  const pattern = regex ?? globPattern(filter ?? '*')
  const matching = functions.filter(([name]) => expression(pattern).test(name))
  if (matching.length > 0) return matching
  throw invalid(`No function matches ${filter ?? regex}.`, `There are: ${functions.map(([name]) => name).join(', ')}.`)
}

const invalid = (message: string, hint: string) => new SkepError('invalid_request', message, { hint })

const globPattern = (glob: string) => `^${glob.replace(/[.+^${}()|[\]\\?]/g, '\\$&').replaceAll('*', '.*')}$`

function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern)
  } catch {
    // What the engine says of it repeats the pattern and adds nothing.
    throw invalid(`${pattern} is not a regular expression.`, '--filter takes names with * instead.')
  }
}
