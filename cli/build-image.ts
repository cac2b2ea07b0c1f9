import { readFile } from 'node:fs/promises'
import { messageOf, SkepError } from '../gateway/core/errors.ts'
import { buildArguments } from './build-arguments.ts'
import type { BuildFlags } from './build-functions.ts'
import type { ContextFile } from './context-files.ts'
import { packed } from './context-out.ts'
import type { Context } from './context.ts'
import type { Engine } from './docker.ts'
import { layerProgress, type EngineEvent } from './engine-events.ts'
import { imageName } from './image-name.ts'
import { pairs } from './options.ts'
import type { Progress } from './progress.ts'
import type { StackFunction } from './stack-schema.ts'
import type { Template } from './template.ts'

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

export async function buildImage(job: ImageJob): Promise<void> {
  const { context, engine, flags, progress, name, entry, handler, files } = job
  const image = await imageName(entry.image ?? name, flags.tag, context.cwd, handler)
  const options = {
    t: image,
    buildargs: await argumentsOf(job),
    labels: pairs(flags.buildLabel, '--build-label'),
    nocache: !flags.cache,
    pull: flags.pull ?? false,
    squash: flags.squash ?? false,
  }
  const started = Date.now()
  progress.doing(name, `sending ${files.length} files`)
  const { said, heard } = listener(job)
  const size = await engine.build(packed(files), options, heard).catch((cause: unknown) => {
    throw new SkepError('build_failed', `The image of ${name} was not built: ${messageOf(cause).trim()}.`, {
      cause,
      detail: said.slice(-20).join('\n'),
    })
  })
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  progress.done(name, `${image}, ${(size / 1e6).toFixed(1)} MB, built in ${seconds} s`)
}

async function argumentsOf({ context, engine, flags, name, entry, template, files }: ImageJob) {
  const dockerfile = files.find(({ path }) => path === 'Dockerfile')
  if (!dockerfile) throw new SkepError('invalid_request', `The function ${name} has no Dockerfile to build with.`)
  return buildArguments({
    entry,
    template,
    given: flags.buildArg,
    buildOptions: flags.buildOption,
    env: context.env,
    platform: engine.platform,
    dockerfile: await readFile(dockerfile.source, 'utf8'),
  })
}

/** Empty lines, and the classic builder's talk of its own containers. */
const noise = /^\s*$|^ ---> |^Removing intermediate container /

/** Shows what the engine says, and keeps it for the case that it fails. */
function listener({ progress, name }: ImageJob) {
  const said: string[] = []
  const pulled = layerProgress()
  const heard = (event: EngineEvent) => {
    const percent = pulled(event)
    if (percent !== undefined) return progress.doing(name, 'pulling the base image', percent)
    for (const line of (event.stream ?? event.status ?? '').split('\n').filter((line) => !noise.test(line))) {
      said.push(line)
      progress.doing(name, line)
    }
  }
  return { said, heard }
}
