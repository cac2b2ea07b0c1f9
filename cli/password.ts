import { text } from 'node:stream/consumers'
import { SkepError } from '../gateway/core/errors.ts'
import type { Context } from './context.ts'
import { askSecret } from './prompt.ts'

export interface PasswordOptions {
  readonly password?: string
  readonly passwordStdin?: boolean
}

/** From where the flags say, else from whoever sits at the terminal. */
export async function passwordFrom(context: Context, options: PasswordOptions): Promise<string> {
  const password = options.passwordStdin
    ? (await text(context.input)).trim()
    : (options.password ?? (context.input.isTTY ? await askSecret(context.input, 'Password: ') : ''))
  if (password !== '') return password
  throw new SkepError('invalid_request', 'No password given.', {
    hint: 'Give it with --password-stdin, or do it in a terminal.',
  })
}
