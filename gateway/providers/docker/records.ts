import type { Revision } from '../../core/ports.ts'
import { unlessMissing } from '../engine/client.ts'
import { having, label, labelsOf, revisionOf } from '../engine/labels.ts'
import type { Place } from '../engine/place.ts'

/**
 * Where a revision is remembered that has no containers: in the labels of an empty volume, `skep-hello-3`. A container
 * that never ran would do as well, but `docker container prune` takes those; a named volume goes only with
 * `docker volume prune --all`.
 */
const volumeOf = ({ gateway }: Place, { id }: Revision): string => `${gateway}-${id}`

/** What is remembered of a revision. */
export interface Memory {
  readonly revision: Revision
  /** Its image was not on the engine before this gateway pulled it. */
  readonly hasBrought: boolean
}

export async function remember(place: Place, revision: Revision, hasBrought: boolean): Promise<void> {
  const Labels = { ...labelsOf(revision, place.gateway), ...(hasBrought && { [label.brought]: 'true' }) }
  await place.engine.ask((docker) => docker.createVolume({ Name: volumeOf(place, revision), Labels }))
}

export async function forget(place: Place, revision: Revision): Promise<void> {
  await unlessMissing(place.engine.ask((docker) => docker.getVolume(volumeOf(place, revision)).remove()))
}

export async function memories(place: Place): Promise<Memory[]> {
  const filters = having({ [label.gateway]: place.gateway })
  const { Volumes } = await place.engine.ask((docker) => docker.listVolumes({ filters }))
  // The engine says null for an empty list.
  return ((Volumes as typeof Volumes | null) ?? []).flatMap(({ Labels }) => {
    const revision = revisionOf(Labels)
    return revision ? [{ revision, hasBrought: Labels[label.brought] === 'true' }] : []
  })
}
