import type { Env } from './env.ts'
import type { Output } from './output.ts'

/** What every command is given: the world around the process. */
export interface Context {
  readonly env: Env
  readonly cwd: string
  readonly input: NodeJS.ReadStream
  readonly out: Output
}
