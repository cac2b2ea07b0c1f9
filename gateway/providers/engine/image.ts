import { setTimeout as sleep } from 'node:timers/promises'
import { SkepError } from '../../core/errors.ts'
import type { Revision } from '../../core/ports.ts'
import type { Progress } from '../../core/progress.ts'
import { type Engine, type ImageInfo, unlessMissing, unlessRefused } from './client.ts'
import { pullFailure, refuseForeign } from './foreign.ts'
import type { Place } from './place.ts'
import { pull } from './pull.ts'
import { pullError } from './pull-error.ts'

const registryLimitMs = 5000

/**
 * The name under which a revision's image is kept: `skep/hello:3`. A tag can move and a rollback must not, and
 * `docker image prune` takes what has no name.
 */
export const pinOf = ({ gateway }: Place, { function: key, number }: Revision): { repo: string; tag: string } => ({
  repo: `${gateway}/${key}`,
  tag: String(number),
})

/** Brings the image to the engine, and resolves with the id that it has there. */
export async function bringImage(place: Place, image: string, progress: Progress): Promise<string> {
  if (image.startsWith('dir:')) throw folderNotImage(image, 'docker')
  await bring(place, image, progress)
  const found = await lookAt(place.engine, image)
  if (!found)
    throw new SkepError('internal', `${image} was pulled, but the engine does not have it.`, {
      hint: 'Something may clear up images there. Deploy it again.',
    })
  return found.Id
}

/** Sees that the revision's image is there and can run, and pins it. `bring` resolves with an id. */
export async function prepareImage(place: Place, revision: Revision, bring: () => Promise<string>): Promise<void> {
  const { engine } = place
  const { digest, spec } = revision
  const here = digest === undefined ? undefined : await lookAt(engine, digest)
  const found = here ?? (await lookAt(engine, await bring()))
  if (!found || (digest !== undefined && found.Id !== digest)) throw imageChanged(revision)
  await refuseForeign(place, spec.image, found)
  await engine.ask((docker) => docker.getImage(found.Id).tag(pinOf(place, revision)))
}

const imageChanged = ({ id, spec: { image } }: Revision): SkepError =>
  new SkepError('start_failed', `The image of ${id} is gone, and ${image} is another one by now.`, {
    hint: 'Deploy the function again.',
  })

/** Takes the pin away, and with it the image if nobody else has a name for it. */
export async function releaseImage(place: Place, revision: Revision): Promise<void> {
  const { repo, tag } = pinOf(place, revision)
  await unlessMissing(place.engine.ask((docker) => docker.getImage(`${repo}:${tag}`).remove()))
}

async function bring(place: Place, image: string, progress: Progress): Promise<void> {
  const { engine } = place
  const here = await lookAt(engine, image)
  const isRight = here && !(await hasMoved(engine, image, { here, progress }))
  if (isRight) return
  await pull(engine, image, progress).catch(async (error: unknown) => {
    throw await pullFailure(place, image, error)
  })
}

/**
 * A tag that came from a registry may mean something else there by now; a digest cannot, and an image built here has none.
 * An engine that keeps images in containerd has one for all: there only what the registry knows can have moved.
 */
async function hasMoved(
  engine: Engine,
  image: string,
  { here, progress }: { here: ImageInfo; progress: Progress },
): Promise<boolean> {
  if (image.includes('@') || here.RepoDigests.length === 0) return false
  const atRegistry = (name: string): Promise<string> =>
    Promise.race([engine.ask((docker) => docker.getImage(name).distribution()), tooLate()]).then(
      ({ Descriptor }) => Descriptor.digest,
    )
  try {
    const digest = await atRegistry(image)
    if (here.RepoDigests.some((name) => name.endsWith(digest))) return false
    const digests = new Set(here.RepoDigests.map((name) => name.slice(name.indexOf('@'))))
    const known = [...digests].map((own) => atRegistry(image.replace(/:[^:/]*$/, '') + own).catch(() => undefined))
    return (await Promise.all(known)).some((found) => found !== undefined)
  } catch (error) {
    progress(`${pullError(image, error).message} The one that is here is used.`)
    return false
  }
}

/** Without a network the engine would go on asking for a quarter of a minute. */
async function tooLate(): Promise<never> {
  await sleep(registryLimitMs, undefined, { ref: false })
  throw new Error('i/o timeout')
}

/** For a name that cannot be one the engine says 400; pulling it tells more. */
export const lookAt = (engine: Engine, image: string): Promise<ImageInfo | undefined> =>
  unlessRefused(unlessMissing(engine.ask((docker) => docker.getImage(image).inspect())), 400)

export const folderNotImage = (image: string, provider: string): SkepError =>
  new SkepError('invalid_request', `The ${provider} provider runs images, not folders such as ${image.slice(4)}.`, {
    hint: 'Build an image of it: `skep build` does.',
  })
