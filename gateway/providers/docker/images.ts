import type { Revision } from '../../core/ports.ts'
import type { Progress } from '../../core/progress.ts'
import { unlessMissing, unlessRefused } from '../engine/client.ts'
import { bringImage, lookAt, prepareImage, releaseImage } from '../engine/image.ts'
import type { Place } from '../engine/place.ts'
import { type Memory, memories, remember } from './records.ts'

/**
 * The images of revisions. What a gateway has brought to the engine itself it takes away again with the last revision that
 * needs it; a name that was there before is somebody else's, and stays.
 */
export class Images {
  readonly #place: Place
  /** Names that were not on the engine before this gateway pulled them. */
  readonly #brought = new Set<string>()

  constructor(place: Place) {
    this.#place = place
  }

  /** Resolves with the id that the image has on the engine. */
  async bring(image: string, progress: Progress): Promise<string> {
    const isNew = (await lookAt(this.#place.engine, image)) === undefined
    const id = await bringImage(this.#place, image, progress)
    if (isNew) this.#brought.add(image)
    return id
  }

  /** Pins the image for the revision, and remembers both. */
  async prepare(revision: Revision, progress: Progress): Promise<void> {
    const { image } = revision.spec
    await prepareImage(this.#place, revision, () => this.bring(image, progress))
    const isBrought = this.#brought.has(image) || (await this.#othersOf(revision)).some((other) => other.hasBrought)
    await remember(this.#place, revision, isBrought)
  }

  async release(revision: Revision): Promise<void> {
    const { image } = revision.spec
    const own = (await memories(this.#place)).find((memory) => memory.revision.id === revision.id)
    await releaseImage(this.#place, revision)
    if (!own?.hasBrought || (await this.#othersOf(revision)).length > 0) return
    // After this a tag that has moved means another revision's image, or nothing of ours.
    const named = await lookAt(this.#place.engine, image)
    if (named !== undefined && named.Id === own.revision.digest) await this.#remove(image)
    const left = own.revision.digest === undefined ? undefined : await lookAt(this.#place.engine, own.revision.digest)
    if (left && left.RepoTags.length === 0) await this.#remove(left.Id)
    this.#brought.delete(image)
  }

  /** The engine refuses what a container uses, whoever's it is. */
  async #remove(image: string): Promise<void> {
    const removed = this.#place.engine.ask((docker) => docker.getImage(image).remove())
    await unlessMissing(unlessRefused(removed, 409))
  }

  async #othersOf({ id, spec }: Revision): Promise<Memory[]> {
    const all = await memories(this.#place)
    return all.filter(({ revision }) => revision.id !== id && revision.spec.image === spec.image)
  }
}
