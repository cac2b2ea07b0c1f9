import { label } from '../../gateway/providers/engine/labels.ts'
import type { Ground } from '../contract/provider-site.ts'
import { baseImage, docker } from '../helpers/engine.ts'
import { reachOverlay } from '../helpers/overlay.ts'
import { startRegistry, type Registry } from '../helpers/registry.ts'
import { startSwarm } from '../helpers/swarm.ts'
import type { Node } from '../lab/node.ts'
import { done } from '../lab/progress.ts'
import { functionImage } from './docker-ground.ts'

/** What the Swarm provider brings to the contract: a Swarm of one node and a registry. */
export async function swarmGround(): Promise<Ground<'swarm'>> {
  const swarm = await startSwarm('m1')
  const manager = swarm.node('m1')
  const registry = await startRegistry(swarm.machineAddress)
  await swarm.load(await baseImage('busybox'))
  const network = 'skep-functions'
  await manager.docker.createNetwork({ Name: network, Driver: 'overlay', Attachable: true })
  await reachOverlay(manager, network)
  return {
    options: { host: manager.dockerHost, network },
    specs: {
      probe: { image: await pushFrom(manager, registry, await functionImage('probe')) },
      crash: { image: await pushFrom(manager, registry, await functionImage('crash')) },
      missing: { image: `${registry.host}/no-such-image` },
    },
    async leftovers({ id }) {
      const services = await manager.docker.listServices({ filters: { label: [`${label.revision}=${id}`] } })
      return services.map(({ Spec }) => Spec?.Name ?? '')
    },
    async close() {
      await registry.stop()
      await swarm.down()
    },
  }
}

/** Brings an image of the tests' engine into the registry of a Swarm; resolves with its name there. */
export async function pushFrom(node: Node, registry: Registry, tag: string): Promise<string> {
  const image = await docker().getImage(tag).get()
  await done(node.docker, await node.docker.loadImage(image))
  return registry.push(node.docker, tag)
}
