import { join } from 'node:path'
import { SkepError } from '../gateway/core/errors.ts'
import { buildContext } from './build-context.ts'
import { buildImage } from './build-image.ts'
import type { BuildFlags } from './image-job.ts'
import { written } from './context-out.ts'
import type { Context } from './context.ts'
import { inParallel } from './in-parallel.ts'
import { progressOn } from './progress.ts'
import { invalidStack, type Stack } from './stack.ts'
import type { StackFunction } from './stack-schema.ts'
import { findTemplate, type Template } from './template.ts'

/** Makes the image of every function that has a handler; with --shrinkwrap only the folder that it would be made of. */
export async function buildFunctions(context: Context, stack: Stack, flags: BuildFlags): Promise<void> {
  const functions = builtFunctions(stack)
  if (functions.length === 0) return context.out.note('There is nothing to build.')
  const nameless = functions.filter(([, { image }]) => image === undefined)
  if (nameless.length > 0) {
    throw invalidStack(nameless.map(([name]) => stack.about(['functions', name, 'image'], 'is missing')))
  }
  const engine = flags.shrinkwrap ? undefined : await (await import('./docker.ts')).connectEngine(context.env)
  const progress = progressOn(context.out, flags.quiet)
  try {
    await inParallel(context.out, functions, flags.parallel, async (name, entry) => {
      const handler = stack.locate(entry.handler ?? '.')
      const template = await templateOf(context, name, entry)
      const copy = [...stack.copy, ...flags.copyExtra]
      const files = await buildContext({ cwd: context.cwd, handler, template, copy })
      if (engine) return buildImage({ context, engine, flags, progress, name, entry, handler, template, files })
      await written(files, join(context.cwd, 'build', name))
      progress.done(name, `written to build/${name}`)
    })
  } finally {
    progress.close()
  }
}

/** Those that have a handler. */
export const builtFunctions = (stack: Stack) =>
  stack.functions.filter(([, entry]) => entry.handler !== undefined && !entry.skip_build)

export async function templateOf(context: Context, name: string, entry: StackFunction): Promise<Template | undefined> {
  if (entry.lang?.toLowerCase() === 'dockerfile') return undefined
  if (entry.lang !== undefined) return findTemplate(context.cwd, entry.lang)
  throw new SkepError('invalid_request', `The function ${name} has no "lang".`, {
    hint: 'Name a template ("skep new --list" shows them), or "dockerfile" when its folder has a Dockerfile.',
  })
}
