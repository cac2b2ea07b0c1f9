import { unlessMissing } from '../../engine/client.ts'
import type { SwarmPlace } from '../place.ts'

/** What a far build needs of the gateway's own container. */
export interface Self {
  /** An image with Node for every processor: the one that the gateway's is made from. */
  readonly image: string
  /** The id of a network that is not the functions'. */
  readonly network: string
  /** The gateway's own there. */
  readonly address: string
  /** Where nodes have the socket of their engine, as this one has. */
  readonly socket: string
}

/** As containers see it. */
export const engineSocket = '/var/run/docker.sock'

/** Where the gateway's Dockerfile writes down what it is made from, as the OCI names it. */
const baseLabel = 'org.opencontainers.image.base.name'

interface Network {
  readonly Driver: string
  readonly Ingress: boolean
}

/** Undefined unless the gateway is a container of the Swarm with a network beside the functions'. */
export async function selfOf(place: SwarmPlace, container: string): Promise<Self | undefined> {
  const { engine } = place
  const { networkId: functions } = await place.ground()
  const found = await unlessMissing(engine.ask((docker) => docker.getContainer(container).inspect()))
  if (!found) return undefined
  const { Image, Labels } = found.Config
  const image = Labels[baseLabel] ?? Image
  const socket = found.Mounts.find(({ Destination }) => Destination === engineSocket)?.Source ?? engineSocket
  const own = Object.entries(found.NetworkSettings.Networks).filter(([, { NetworkID }]) => NetworkID !== functions)
  for (const [name, { NetworkID, IPAddress }] of own) {
    const network = await engine.ask((docker) => docker.getNetwork(name).inspect() as Promise<Network>)
    if (network.Driver === 'overlay' && !network.Ingress)
      return { image, network: NetworkID, address: IPAddress, socket }
  }
  return undefined
}
