import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { SkepError } from '../gateway/core/errors.ts'
import type { Context } from './context.ts'
import { askSecret } from './prompt.ts'
import type { SecretValue } from './secrets.ts'

export interface ValueOptions {
  readonly fromLiteral?: string
  readonly fromFile?: string
  /** Takes the blanks at both ends away, as faas-cli does; never from the bytes of a file. */
  readonly trim: boolean
}

/** What the flags say, else stdin, else what is typed. */
export async function secretValue(context: Context, options: ValueOptions): Promise<SecretValue> {
  const { fromLiteral, fromFile, trim } = options
  if (fromLiteral !== undefined && fromFile !== undefined) {
    throw new SkepError('invalid_request', 'A secret has one value, not both --from-literal and --from-file.', {
      hint: 'Leave one of them out.',
    })
  }
  if (fromFile !== undefined) return valueOfFile(resolve(context.cwd, fromFile), trim)
  const given =
    fromLiteral ?? (context.input.isTTY ? await askSecret(context.input, 'Value: ') : await text(context.input))
  const value = trim ? given.trim() : given
  if (value !== '') return { value }
  throw new SkepError('invalid_request', 'No value given.', {
    hint: 'Give it with --from-literal or --from-file, or on stdin.',
  })
}

export async function valueOfFile(file: string, trim: boolean): Promise<SecretValue> {
  try {
    const bytes = await readFile(file)
    const value = bytes.toString('utf8')
    return { value: trim ? value.trim() : value, rawValue: bytes.toString('base64') }
  } catch (cause) {
    throw new SkepError('invalid_request', `The file ${file} cannot be read.`, {
      cause,
      hint: 'Is it there, and may you read it?',
    })
  }
}

/** Where faas-cli looks for the secrets of a project. */
export const secretsFolder = (context: Context): string => join(context.cwd, '.secrets')
