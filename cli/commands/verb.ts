import type { Command } from 'commander'
import type { Context } from '../context.ts'

/** Gives a verb its arguments, flags, examples and action. */
export type Define = (command: Command, context: Context, verbs: readonly Verb[]) => void

export interface Verb {
  readonly name: string
  readonly aliases: readonly string[]
  readonly summary: string
  load(): Promise<{ define: Define }>
}
