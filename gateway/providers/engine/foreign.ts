import { SkepError } from '../../core/errors.ts'
import type { ImageInfo } from './client.ts'
import type { Place } from './place.ts'
import { canRun } from './trial.ts'

/** Refuses an image for a processor that the engine neither has nor emulates. */
export async function refuseForeign(place: Place, image: string, info: ImageInfo): Promise<void> {
  const { platform } = await place.ground()
  const made = `${info.Os}/${info.Architecture}`
  if (made === platform || (await canRun(place, info.Architecture))) return
  throw foreign(image, [made], platform)
}

/** A pull's failure; where the engine says only that an image is for others, with what it is for. */
export async function pullFailure(place: Place, image: string, error: unknown): Promise<unknown> {
  const detail = error instanceof SkepError ? (error.detail ?? '') : ''
  if (!/no matching manifest|does not match the specified platform/.test(detail)) return error
  const asked = place.engine.ask((docker) => docker.getImage(image).distribution())
  const platforms = await asked.then(
    ({ Platforms }) => Platforms.map(({ os, architecture }) => `${os}/${architecture}`),
    () => [], // What the engine itself said is told.
  )
  return platforms.length === 0 ? error : foreign(image, platforms, (await place.ground()).platform)
}

const foreign = (image: string, made: readonly string[], platform: string): SkepError =>
  new SkepError('invalid_request', `${image} is made for ${made.join(', ')}; this engine runs ${platform}.`, {
    hint: `Build it for both: skep publish --platforms ${[...made, platform].join(',')}.`,
  })
