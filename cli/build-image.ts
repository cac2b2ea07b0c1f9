import { wrongProcessor } from '../gateway/core/build-failure.ts'
import { isFor } from '../gateway/core/platform.ts'
import { buildOnce } from './build-once.ts'
import type { ImageJob } from './image-job.ts'
import { imageName } from './image-name.ts'
import { platformImage, platformsOf } from './platforms.ts'

/** Makes the image for the platforms that are asked for, else for the engine's own. */
export async function buildImage(job: ImageJob): Promise<void> {
  const { context, engine, flags, name, entry, handler, progress } = job
  const image = await imageName(entry.image ?? name, flags.tag, context.cwd, handler)
  const platforms = platformsOf(name, entry, flags)
  if (platforms.length < 2) return buildFor(job, image, platforms[0])
  // Its own last: of a base image the engine keeps one platform, and later builds expect its own under that name.
  const isOwn = (platform: string) => isFor(platform, engine.platform)
  for (const platform of platforms.toSorted((one, other) => Number(isOwn(one)) - Number(isOwn(other)))) {
    await buildFor(job, platformImage(image, platform), platform)
  }
  const own = platforms.find(isOwn)
  if (own === undefined) return
  await engine.tag(platformImage(image, own), image)
  progress.done(name, `${image} is the one for ${own}`)
}

async function buildFor(job: ImageJob, image: string, platform: string | undefined): Promise<void> {
  const { flags, progress, name } = job
  const started = Date.now()
  const isRight = (made: string) => platform === undefined || isFor(platform, made)
  let built = await buildOnce(job, { image, platform, cache: flags.cache })
  // What the classic builder once made FROM scratch for one processor it takes out of its cache for every other.
  if (!isRight(built.platform)) built = await buildOnce(job, { image, platform, cache: false })
  if (!isRight(built.platform)) throw wrongProcessor(name, platform ?? '', built.platform)
  const seconds = ((Date.now() - started) / 1000).toFixed(1)
  const what = platform === undefined ? image : `${image} for ${platform}`
  progress.done(name, `${what}, ${(built.size / 1e6).toFixed(1)} MB, built in ${seconds} s`)
}
