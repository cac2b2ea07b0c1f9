import { asSkepError } from '../../gateway/core/errors.ts'

/** What one look at one thing found. */
export interface Finding {
  readonly what: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** A command that helps, or what to do. */
  readonly fix?: string
}

export const ok = (what: string, message: string): Finding => ({ what, state: 'ok', message })
export const warn = (what: string, message: string, fix: string): Finding => ({ what, state: 'warn', message, fix })
export const fail = (what: string, message: string, fix: string): Finding => ({ what, state: 'fail', message, fix })

/** A look that may throw; then what it threw is the finding. */
export async function looked(what: string, look: () => Promise<Finding>): Promise<Finding> {
  return look().catch((error: unknown) => {
    const { message, hint = 'skep logs, and the gateway’s own log, say more' } = asSkepError(error)
    return fail(what, message, hint)
  })
}
