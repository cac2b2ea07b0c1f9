import type { Revision } from '../../core/ports.ts'
import { type Engine, unlessMissing } from '../engine/client.ts'
import { folderNotImage } from '../engine/image.ts'
import { pullError } from '../engine/pull-error.ts'

/** An image as it is at this moment, whatever its tag will mean later. */
export interface PinnedImage {
  /**
   * With a digest, or the id of an image that no registry has. A node that has such an image starts it without a word to
   * a registry; for a tag it would ask at every start.
   */
  readonly reference: string
  /** linux/amd64, linux/arm64 … */
  readonly platforms: readonly string[]
}

/** The image that the revision was made with. */
export async function pinnedImage(engine: Engine, { digest, spec }: Revision): Promise<PinnedImage> {
  if (digest === undefined) return pinImage(engine, spec.image)
  return { ...(await pinImage(engine, digest)), reference: digest }
}

/** Asks the registry what the name means now, or this engine where no registry knows it. */
export async function pinImage(engine: Engine, image: string): Promise<PinnedImage> {
  if (image.startsWith('dir:')) throw folderNotImage(image, 'swarm')
  try {
    const found = await engine.ask((docker) => docker.getImage(image).distribution())
    const platforms = found.Platforms.map(({ os, architecture }) => `${os}/${architecture}`)
    const name = image.replace(/@.*$/, '')
    return {
      reference: `${name}@${found.Descriptor.digest}`,
      platforms: platforms.filter((one) => one !== 'unknown/unknown'),
    }
  } catch (error) {
    const here = await unlessMissing(engine.ask((docker) => docker.getImage(image).inspect()))
    if (!here) throw pullError(image, error)
    return { reference: here.RepoDigests?.[0] ?? here.Id, platforms: [`${here.Os}/${here.Architecture}`] }
  }
}
