import type { ContextFile } from './context-files.ts'
import type { Context } from './context.ts'
import type { Engine } from './docker.ts'
import type { TagMode } from './options.ts'
import type { PlatformFlags } from './platforms.ts'
import type { Progress } from './progress.ts'
import type { StackFunction } from './stack-schema.ts'
import type { Template } from './template.ts'

/** How images are built. */
export interface BuildFlags extends PlatformFlags {
  readonly cache: boolean
  readonly squash?: boolean
  readonly pull?: boolean
  readonly parallel: number
  readonly shrinkwrap?: boolean
  readonly buildArg: readonly string[]
  readonly buildOption: readonly string[]
  readonly buildLabel: readonly string[]
  readonly copyExtra: readonly string[]
  readonly tag: TagMode
  readonly quiet?: boolean
}

/** A function's image that is to be built. */
export interface ImageJob {
  readonly context: Context
  readonly engine: Engine
  readonly flags: BuildFlags
  readonly progress: Progress
  readonly name: string
  readonly entry: StackFunction
  readonly handler: string
  readonly template: Template | undefined
  readonly files: readonly ContextFile[]
}
