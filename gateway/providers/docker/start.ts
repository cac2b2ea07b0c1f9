import { SkepError } from '../../core/errors.ts'
import type { Revision } from '../../core/ports.ts'
import { EngineRefusal } from '../engine/client.ts'
import { functionSettings, published } from '../engine/container.ts'
import { reasonOf } from '../engine/ending.ts'
import type { Holders } from './holders.ts'
import { folderNotImage, pinOf } from '../engine/image.ts'
import { labelsOf } from '../engine/labels.ts'
import { discard, launch, locate, type Place } from '../engine/place.ts'
import { secretMounts, type VolumeSecrets } from './secrets.ts'
import { containerName, type Holder, type Placed } from '../engine/survey.ts'

export interface StartSite {
  readonly place: Place
  readonly holders: Holders
  readonly secrets: VolumeSecrets
}

/** Starts one replica, in the network of a spare holder if there is one. */
export async function startReplica(site: StartSite, revision: Revision): Promise<Placed> {
  const { place, holders } = site
  const holder = holders.take()
  try {
    const placed = await startWith(site, revision, holder)
    if (!holder || holders.has(holder)) return placed
    await discard(place.engine, placed.container)
  } catch (error) {
    if (!holder || !isWithoutNetwork(error)) {
      if (holder) holders.giveBack(holder)
      throw startError(revision, error)
    }
    holders.lost(holder.container)
  }
  return startReplica(site, revision) // the holder has just ended: rare, and another start helps
}

const isWithoutNetwork = (error: unknown): boolean =>
  error instanceof EngineRefusal && /cannot join network|no such container/i.test(error.message)

async function startWith(
  { place, secrets }: StartSite,
  revision: Revision,
  holder: Holder | undefined,
): Promise<Placed> {
  const id = `${revision.id}-${crypto.randomUUID().slice(0, 6)}`
  const name = containerName(place, id)
  place.making.add(name)
  try {
    const settings = { name, ...(await settingsOf(place, revision, holder)) }
    const container = await launch(place, settings, (created) => secrets.giveTo(created, revision.spec))
    const address = holder?.address ?? (await locate(place, container))
    // Whoever hears that it ended takes its name off the list.
    if (!address || !place.making.has(name)) throw await endedAtOnce(place, revision, container)
    return { replica: { id, revision: revision.id, address, paused: false }, revision, container, holder }
  } finally {
    place.making.delete(name)
  }
}

async function settingsOf(place: Place, revision: Revision, holder: Holder | undefined) {
  const settings = functionSettings(revision)
  const own = published((await place.ground()).reach)
  const { repo, tag } = pinOf(place, revision)
  return {
    ...settings,
    ...(holder ? {} : own.settings),
    Image: `${repo}:${tag}`,
    Labels: { ...revision.spec.labels, ...labelsOf(revision, place.gateway) },
    HostConfig: {
      ...settings.HostConfig,
      ...(holder ? {} : own.host),
      Mounts: secretMounts(revision.spec),
      NetworkMode: holder ? `container:${holder.container}` : place.network,
    },
  }
}

async function endedAtOnce(
  { engine }: Place,
  { spec, function: key }: Revision,
  container: string,
): Promise<SkepError> {
  const [how, ...words] = (await reasonOf(engine, container, spec)).split('\n')
  await discard(engine, container)
  return new SkepError('start_failed', `${key} did not start: ${how}`, {
    detail: words.join('\n'),
    hint: 'Read its last lines in `skep logs`, and try its image with `docker run`.',
  })
}

function startError({ function: key, spec }: Revision, error: unknown): unknown {
  if (!(error instanceof EngineRefusal)) return error
  // Deployed while the gateway ran with the process provider.
  if (spec.image.startsWith('dir:')) {
    const hint = 'Build an image of it and deploy that: `skep up` does both.'
    return new SkepError('start_failed', folderNotImage(spec.image, 'docker').message, { hint })
  }
  if (error.httpStatus === 404 && /no such image/i.test(error.message)) {
    const hint = 'Deploy it again.'
    return new SkepError('start_failed', `The image ${spec.image} of ${key} was removed from the engine.`, { hint })
  }
  return new SkepError('start_failed', `${key} cannot be started. ${error.message}`, {
    cause: error,
    hint: 'The engine says why: change the function, or the engine.',
  })
}
