import { z } from 'zod'
import { platformPattern } from './platform.ts'
import type { Progress } from './progress.ts'
import { FunctionName } from './names.ts'

const Texts = z.record(z.string(), z.string()).default({})

/** What a caller asks for who sends the files of an image. */
export const BuildRequest = z.strictObject({
  /** The function's name, which becomes the image's. */
  name: FunctionName,
  platform: z.string().regex(platformPattern, 'use such as linux/arm64').optional(),
  arguments: Texts,
  labels: Texts,
  /** Whether layers of earlier builds may be used. */
  cache: z.boolean().default(true),
  /** Looks for newer base images. */
  pull: z.boolean().default(false),
})
export type BuildRequest = z.infer<typeof BuildRequest>

/** A request whose files are here. */
export interface ImageBuild extends BuildRequest {
  /** A tar that was checked: nothing in it leads out of it. */
  readonly context: string
  readonly progress: Progress
  /** Ends the build. */
  readonly signal: AbortSignal
}

/** What makes images of what callers send. Resolves with what a deploy names as its image. */
export type Builder = (request: BuildRequest, sent: BuildInput) => Promise<string>

export interface BuildInput {
  /** A tar. */
  readonly context: AsyncIterable<Uint8Array>
  readonly progress: Progress
  /** The caller has left. */
  readonly signal: AbortSignal
}
