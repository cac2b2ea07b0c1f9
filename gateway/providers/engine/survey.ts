import type { Address, Replica, Revision } from '../../core/ports.ts'
import type { ContainerInfo } from './client.ts'
import type { Ground } from './ground.ts'
import { having, label, revisionOf } from './labels.ts'
import { addressOf, isAlive, type Place } from './place.ts'

/** A container that keeps a network for a replica (docker-holders.ts). */
export interface Holder {
  readonly container: string
  readonly address: Address
}

/** A replica and the containers that it is made of. */
export interface Placed {
  readonly replica: Replica
  readonly revision: Revision
  readonly container: string
  readonly holder: Holder | undefined
}

export interface Survey {
  readonly running: readonly Placed[]
  readonly holders: readonly Holder[]
  /** Ids of containers that ended, never began, or cannot be reached. */
  readonly dead: readonly string[]
}

/** What the engine has of this gateway now. */
export async function survey(place: Place): Promise<Survey> {
  const ground = await place.ground()
  const filters = having({ [label.gateway]: place.gateway })
  const containers = await place.engine.ask((docker) => docker.listContainers({ all: true, filters }))
  const holders = containers.filter(isHolder).flatMap((info) => holderOf(info, place, ground) ?? [])
  const functions = containers.filter((info) => !isHolder(info))
  const running = functions.flatMap((info) => placedOf(info, holders, { place, ground }) ?? [])
  const alive = new Set([...holders, ...running].map(({ container }) => container))
  const dead = containers.filter((info) => !alive.has(info.Id) && !place.making.has(nameOf(info)))
  return { running, holders, dead: dead.map(({ Id }) => Id) }
}

export const containerName = (place: Place, replica: string): string => `${place.gateway}-${replica}`

/** The replica's id, out of a container's name. */
export const replicaId = (place: Place, name: string): string => name.slice(place.gateway.length + 1)

const isHolder = ({ Labels }: ContainerInfo): boolean => Labels[label.role] === 'holder'

const nameOf = ({ Names }: ContainerInfo): string => (Names[0] ?? '').slice(1)

function holderOf(info: ContainerInfo, { network }: Place, ground: Ground): Holder | undefined {
  const address = addressOf(info, network, ground)
  return address && { container: info.Id, address }
}

function placedOf(
  info: ContainerInfo,
  holders: readonly Holder[],
  { place, ground }: { place: Place; ground: Ground },
): Placed | undefined {
  if (!isAlive(info)) return undefined
  const revision = revisionOf(info.Labels)
  const holder = holders.find(({ container }) => info.HostConfig.NetworkMode === `container:${container}`)
  const address = holder?.address ?? addressOf(info, place.network, ground)
  if (!revision || !address) return undefined
  const id = replicaId(place, nameOf(info))
  const replica = { id, revision: revision.id, address, paused: info.State === 'paused' }
  return { replica, revision, container: info.Id, holder }
}

export interface ReplicaContainer {
  readonly container: string
  readonly replica: string
}

/** The containers of a function's replicas, also those that have just ended. */
export async function containersOf(place: Place, key: string, revision?: string): Promise<ReplicaContainer[]> {
  const labels = { [label.gateway]: place.gateway, [label.function]: key }
  const filters = having(revision === undefined ? labels : { ...labels, [label.revision]: revision })
  const containers = await place.engine.ask((docker) => docker.listContainers({ all: true, filters }))
  return containers.map((info) => ({ container: info.Id, replica: replicaId(place, nameOf(info)) }))
}
