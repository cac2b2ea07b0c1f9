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

export async function remember(place: Place, revision: Revision): Promise<void> {
  const Labels = { ...labelsOf(revision, place.gateway) }
  await place.engine.ask((docker) => docker.createVolume({ Name: volumeOf(place, revision), Labels }))
}

export async function forget(place: Place, revision: Revision): Promise<void> {
  await unlessMissing(place.engine.ask((docker) => docker.getVolume(volumeOf(place, revision)).remove()))
}

export async function remembered(place: Place): Promise<Revision[]> {
  const filters = having({ [label.gateway]: place.gateway })
  const { Volumes } = await place.engine.ask((docker) => docker.listVolumes({ filters }))
  // The engine says null for an empty list.
  return ((Volumes as typeof Volumes | null) ?? []).flatMap(({ Labels }) => revisionOf(Labels) ?? [])
}
