import type { ImageBuild } from '../../../core/image-build.ts'
import type { FindLogin } from '../../../core/registry.ts'
import { buildImage } from '../../engine/build.ts'
import { connectEngine, unlessMissing } from '../../engine/client.ts'
import type { SwarmNode } from '../nodes.ts'
import type { SwarmPlace } from '../place.ts'
import { openLine } from './line.ts'
import { relayFailure, relayService } from './relay.ts'
import type { Self } from './self.ts'
import { silence } from './silence.ts'

export interface FarPlace {
  readonly place: SwarmPlace
  readonly self: Self
  readonly registry: string
  readonly buildKit: boolean | undefined
  readonly logins: FindLogin | undefined
}

/** Builds on another node's engine, which a service brings within reach for as long as that takes. */
export async function buildOn(node: SwarmNode, far: FarPlace, build: ImageBuild): Promise<string> {
  const { place, self, registry, buildKit, logins } = far
  const { engine: manager, gateway } = place
  build.progress(`Building on ${node.name}, which is ${node.platform} …`)
  const line = await openLine(self.address)
  const settings = relayService({ gateway, self, node, line })
  const over = new AbortController()
  try {
    const { id } = await manager.ask((docker) => docker.createService(settings))
    const waiting = AbortSignal.any([build.signal, over.signal])
    await Promise.race([line.called, relayFailure(manager, { service: id, node, self }, waiting)])
    const engine = connectEngine(line.agent, logins)
    const signal = AbortSignal.any([build.signal, silence(engine, node, over.signal)])
    return await buildImage({ engine, gateway, registry, buildKit }, { ...build, signal })
  } finally {
    over.abort()
    line.close()
    await unlessMissing(manager.ask((docker) => docker.getService(settings.Name).remove()))
  }
}
