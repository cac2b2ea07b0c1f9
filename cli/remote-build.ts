import type { BuildRequest } from '../gateway/core/image-build.ts'
import { SkepError } from '../gateway/core/errors.ts'
import { askedFor } from './build-answers.ts'
import { ownArguments } from './build-arguments.ts'
import { buildContext } from './build-context.ts'
import { builtFunctions, templateOf } from './build-functions.ts'
import type { BuildFlags } from './image-job.ts'
import type { ContextFile } from './context-files.ts'
import { packed } from './context-out.ts'
import type { Context } from './context.ts'
import { readyContext } from './dockerfile.ts'
import { followProgress } from './follow-progress.ts'
import type { GatewayClient } from './gateway-client.ts'
import { inParallel } from './in-parallel.ts'
import { joinImages } from './join-images.ts'
import { pairs } from './options.ts'
import { platformsOf } from './platforms.ts'
import { progressOn } from './progress.ts'
import type { PlatformPart } from './registry.ts'
import type { Stack } from './stack.ts'
import type { StackFunction } from './stack-schema.ts'

export interface RemoteBuild {
  readonly context: Context
  readonly stack: Stack
  readonly flags: BuildFlags
  readonly gateway: GatewayClient
  /** The process provider takes the handler's folder alone. */
  readonly runsFolders: boolean
}

/** Has the gateway build every function that has a handler; resolves with what a deploy names as the image of each. */
export async function buildRemotely(job: RemoteBuild): Promise<ReadonlyMap<string, string>> {
  const { context, stack, flags } = job
  const images = new Map<string, string>()
  const progress = progressOn(context.out, flags.quiet)
  try {
    await inParallel(context.out, builtFunctions(stack), flags.parallel, async (name, entry) => {
      const asked = await wanted(job, name, entry)
      const tell = (message: string) => progress.doing(name, message)
      const platforms = job.runsFolders ? [] : platformsOf(name, entry, flags)
      const image = await buildForAll(asked, platforms, { ...job, tell })
      images.set(name, image)
      const kinds = platforms.length > 1 ? ` for ${platforms.join(', ')}` : ''
      progress.done(name, `${image}, built by the gateway${kinds}`)
    })
  } finally {
    progress.close()
  }
  return images
}

interface Asked {
  readonly request: BuildRequest
  readonly files: readonly ContextFile[]
}

interface Builder extends Pick<RemoteBuild, 'context' | 'gateway'> {
  readonly tell: (message: string) => void
}

/** One after the other, then under one name; no platform: for what the gateway stands on. */
async function buildForAll(asked: Asked, platforms: readonly string[], builder: Builder): Promise<string> {
  const [platform] = platforms
  if (platforms.length < 2) return build(asked, platform, builder)
  const parts: PlatformPart[] = []
  for (const one of platforms) {
    const tell = (message: string) => builder.tell(`${one}: ${message}`)
    parts.push({ platform: one, image: await build(asked, one, { ...builder, tell }) })
  }
  return joinImages(parts, builder.context.env, builder.gateway)
}

async function build(
  { request, files }: Asked,
  platform: string | undefined,
  { gateway, tell }: Builder,
): Promise<string> {
  tell(`sending ${files.length} files to ${gateway.url}`)
  const answer = await gateway.ask('/system/builds', {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-tar', 'X-Skep-Build': asciiJson({ ...request, platform }) },
    body: packed(files),
  })
  const { image } = await followProgress(answer, { progress: tell, failed: 'build_failed' })
  if (image === undefined) throw tooOld(gateway.url)
  return image
}

async function wanted(
  { context, stack, flags, runsFolders }: RemoteBuild,
  name: string,
  entry: StackFunction,
): Promise<Asked> {
  const template = await templateOf(context, name, entry)
  const asked = askedFor(entry, template)
  if (asked !== undefined) throw onlyHere(name, asked)
  const request: BuildRequest = {
    name,
    arguments: ownArguments({ entry, template, given: flags.buildArg, buildOptions: flags.buildOption }),
    labels: pairs(flags.buildLabel, '--build-label'),
    cache: flags.cache,
    pull: flags.pull ?? false,
  }
  const files = await buildContext({
    cwd: context.cwd,
    handler: stack.locate(entry.handler ?? '.'),
    template: runsFolders ? undefined : template,
    copy: [...stack.copy, ...flags.copyExtra],
  })
  return { request, files: runsFolders ? files : (await readyContext(name, files)).files }
}

/** A header carries no other characters safely. */
const asciiJson = (value: object) =>
  JSON.stringify(value).replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

const onlyHere = (name: string, asked: string) =>
  new SkepError('not_supported', `The build of ${name} needs ${asked}, which a gateway does not have.`, {
    hint: 'Build it here: "skep up" or "skep publish" without --remote.',
  })

const tooOld = (url: string) =>
  new SkepError('upstream_failed', `The gateway at ${url} did not say what it has built.`, {
    hint: 'It is older than this CLI: bring it up to date, or leave --remote out.',
  })
