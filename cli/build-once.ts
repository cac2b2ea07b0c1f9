import { keepLast, notBuilt, toldLines } from '../gateway/core/build-failure.ts'
import { messageOf } from '../gateway/core/errors.ts'
import { buildAnswers } from './build-answers.ts'
import { buildArguments } from './build-arguments.ts'
import { packed } from './context-out.ts'
import type { BuiltImage } from './docker.ts'
import { readyContext } from './dockerfile.ts'
import { layerProgress, type EngineEvent } from './engine-events.ts'
import type { ImageJob } from './image-job.ts'
import { pairs } from './options.ts'

export interface Wanted {
  /** The image's name. */
  readonly image: string
  /** What it is for; left out: the engine's own. */
  readonly platform?: string | undefined
  readonly cache: boolean
}

/** One run of the engine's builder. */
export async function buildOnce(job: ImageJob, { image, platform, cache }: Wanted): Promise<BuiltImage> {
  const { engine, flags, progress, name, files } = job
  const ready = await readyContext(name, files)
  const answers = await buildAnswers(job)
  const options = {
    t: image,
    buildargs: argumentsOf(job, ready.dockerfile, platform),
    labels: pairs(flags.buildLabel, '--build-label'),
    nocache: !cache,
    // For a platform always: under a base image's name the engine may have the one for another, and only BuildKit sees that.
    pull: flags.pull ?? (platform !== undefined && !answers),
    squash: flags.squash ?? false,
    ...(platform !== undefined && { platform }),
  }
  progress.doing(name, `sending ${files.length} files`)
  const { said, heard } = listener(job)
  return engine.build({ context: packed(ready.files), options, answers }, heard).catch((cause: unknown) => {
    throw notBuilt(name, messageOf(cause), said)
  })
}

function argumentsOf({ context, engine, flags, entry, template }: ImageJob, dockerfile: string, platform?: string) {
  return buildArguments({
    entry,
    template,
    given: flags.buildArg,
    buildOptions: flags.buildOption,
    env: context.env,
    platforms: [platform ?? engine.platform, engine.platform],
    dockerfile,
  })
}

/** Shows what the engine says, and keeps it for the case that it fails. */
function listener({ progress, name }: ImageJob) {
  const said: string[] = []
  const pulled = layerProgress()
  const heard = (event: EngineEvent) => {
    if (event.failed) said.splice(0, said.length, ...event.failed)
    const percent = pulled(event)
    if (percent !== undefined) return progress.doing(name, 'pulling the base image', percent)
    for (const line of toldLines(event.stream ?? event.status ?? '')) {
      keepLast(said, line)
      progress.doing(name, line)
    }
  }
  return { said, heard }
}
