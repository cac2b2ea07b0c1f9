import { SkepError } from '../../core/errors.ts'
import type { Address, Log } from '../../core/ports.ts'
import { type ContainerInfo, type ContainerSettings, type Engine, isRefusal, unlessMissing } from './client.ts'
import { functionPort } from './container.ts'
import type { Ground } from './ground.ts'

/** The part of an engine that is this gateway's. */
export interface Place {
  readonly engine: Engine
  /** The gateway's name: in front of the names of all that it makes, so that two can share an engine. */
  readonly gateway: string
  readonly network: string
  readonly log: Log
  /** Names of containers that are being started: not there yet, or not running yet, and nobody may clear them away. */
  readonly making: Set<string>
  /** Whether this gateway leads. Only then it keeps spares, and clears up: another's containers may be just being made. */
  readonly role: { leads: boolean }
  ground(): Promise<Ground>
}

/** Creates a container, lets `fill` put files into it, starts it and returns its id. Nothing of it stays when that is refused. */
export async function launch(
  { engine }: Place,
  settings: ContainerSettings & { name: string },
  fill: (container: string) => Promise<void> = async () => {},
): Promise<string> {
  try {
    const { id } = await engine.ask((docker) => docker.createContainer(settings))
    await fill(id)
    await engine.ask((docker) => docker.getContainer(id).start())
    return id
  } catch (error) {
    // If the engine is away the next survey clears up: whoever waits shall not wait for that.
    if (!(error instanceof SkepError) || error.code !== 'provider_unavailable') await discard(engine, settings.name)
    throw error
  }
}

/** Ends a container at once and takes it away, with the volumes that its image made it have. */
export async function discard(engine: Engine, container: string): Promise<void> {
  try {
    await unlessMissing(engine.ask((docker) => docker.getContainer(container).remove({ force: true, v: true })))
  } catch (error) {
    if (!isRefusal(error, 409)) throw error
    // Its removal goes on already.
    await unlessMissing(engine.ask((docker) => docker.getContainer(container).wait({ condition: 'removed' })))
  }
}

/** Where a container is reached now; undefined unless it runs. */
export async function locate(place: Place, container: string): Promise<Address | undefined> {
  const filters = { id: [container] }
  const ask = place.engine.ask((docker) => docker.listContainers({ filters }))
  const [[info], ground] = await Promise.all([ask, place.ground()])
  return info && addressOf(info, place.network, ground)
}

export function addressOf(info: ContainerInfo, network: string, { reach }: Ground): Address | undefined {
  if (!isAlive(info)) return undefined
  if (reach === 'published') {
    const port = info.Ports.find(({ PrivatePort, PublicPort }) => PrivatePort === functionPort && PublicPort)
    return port && { host: '127.0.0.1', port: port.PublicPort }
  }
  const host = info.NetworkSettings.Networks[network]?.IPAddress
  return host ? { host, port: functionPort } : undefined
}

export const isAlive = ({ State }: ContainerInfo): boolean => State === 'running' || State === 'paused'
