import { SkepError } from '../../core/errors.ts'
import type { ImageBuild } from '../../core/image-build.ts'
import { isFor } from '../../core/platform.ts'
import type { FindLogin } from '../../core/registry.ts'
import { buildImage } from '../engine/build.ts'
import { selfOf } from './far/self.ts'
import { sweepRelays } from './far/sweep.ts'
import { nodesOf, type SwarmNode } from './nodes.ts'
import type { SwarmPlace } from './place.ts'

const sweepEveryMs = 10_000

export interface SwarmBuildsOptions {
  readonly place: SwarmPlace
  /** Where images go: one that every node reaches. */
  readonly registry?: string | undefined
  readonly buildKit?: boolean | undefined
  /** The container that the gateway runs in, if it does. */
  readonly self?: string | undefined
  readonly logins?: FindLogin
}

export interface SwarmBuilds {
  build(build: ImageBuild): Promise<string>
  close(): void
}

/** Builds on this manager's engine, or on that of a node which is what the image is for. */
export function swarmBuilds({ place, registry, buildKit, self, logins }: SwarmBuildsOptions): SwarmBuilds {
  const sweep = (): void => void (place.role.leads && sweepRelays(place).catch(() => {})) // the next one comes soon
  const sweeping = setInterval(sweep, sweepEveryMs).unref()
  return {
    async build(build) {
      if (registry === undefined) throw noRegistry()
      const node = await nodeFor(place, build)
      if (node) {
        // Only who builds far away pays for what that takes.
        const { buildOn } = await import('./far/build.ts')
        const own = self === undefined ? undefined : await selfOf(place, self)
        if (own) return buildOn(node, { place, self: own, registry, buildKit, logins }, build)
        build.progress(
          `${node.name} could build it for a gateway that is a service of the Swarm with a network of its own.`,
        )
      }
      return buildImage({ ...place, registry, buildKit }, build)
    },
    close: () => clearInterval(sweeping),
  }
}

/** Another node than this one, where this one is not what the image is for. */
async function nodeFor(place: SwarmPlace, { platform, progress }: ImageBuild): Promise<SwarmNode | undefined> {
  if (platform === undefined) return undefined
  const [nodes, { Swarm }] = await Promise.all([
    nodesOf(place),
    place.engine.ask((docker) => docker.info() as Promise<{ Swarm: { NodeID: string } }>),
  ])
  const own = nodes.find(({ id }) => id === Swarm.NodeID)
  if (own && isFor(platform, own.platform)) return undefined
  const able = nodes.filter(
    (node) => node.state === 'ready' && node.availability === 'active' && isFor(platform, node.platform),
  )
  if (able.length === 0)
    progress(`No node that takes work is ${platform}; ${own?.name ?? 'the manager'} tries to emulate it.`)
  return able.toSorted((one, other) => other.memoryBytes - one.memoryBytes)[0]
}

const noRegistry = (): SkepError =>
  new SkepError('not_supported', 'A Swarm needs a registry for what is built here, and none is set.', {
    hint: 'Set SKEP_REGISTRY to one that every node reaches, such as 127.0.0.1:5000 of the stack.',
  })
