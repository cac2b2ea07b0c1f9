import type { Replica } from '../../gateway/core/ports.ts'
import { Skep } from '../../gateway/core/skep.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'
import { httpCarrier } from '../../gateway/http/carrier.ts'
import { edge } from '../../gateway/http/server.ts'
import { swarmProvider } from '../../gateway/providers/swarm.ts'
import { partsOf } from '../core/place.ts'
import { baseImage } from '../helpers/engine.ts'
import { reachOverlay } from '../helpers/overlay.ts'
import { startRegistry, type Registry } from '../helpers/registry.ts'
import { startSwarm, type Swarm } from '../helpers/swarm.ts'
import { until } from '../helpers/until.ts'
import { listen } from '../http/direct-edge.ts'
import { functionImage } from '../providers/docker-ground.ts'
import { pushFrom } from '../providers/swarm-ground.ts'

/** A Swarm with a registry, and a gateway for it in the test's own process. */
export interface Hive {
  readonly swarm: Swarm
  readonly registry: Registry
  readonly skep: Skep
  /** Deploys test/fixtures/functions/probe. */
  deploy(name: string, fields: object): Promise<void>
  url(name: string, path: string): string
  call(name: string, path: string): Promise<string>
  /** Resolves when so many replicas answer, and no more run. */
  has(name: string, replicas: number): Promise<void>
  replicas(): Promise<Replica[]>
  down(): Promise<void>
}

export async function startHive(...names: string[]): Promise<Hive> {
  const swarm = await startSwarm(...names)
  const registry = await startRegistry(swarm.machineAddress)
  const down = async (): Promise<void> => {
    await registry.stop()
    await swarm.down()
  }
  try {
    const manager = swarm.node('m1')
    await swarm.load(await baseImage('busybox'))
    const image = await pushFrom(manager, registry, await functionImage('probe'))
    const gateway = await startGateway(manager.dockerHost)
    await reachOverlay(manager, 'skep-functions')
    return { registry, ...hiveOf(swarm, gateway, image), down: () => gateway.close().then(down) }
  } catch (error) {
    await down()
    throw error
  }
}

async function startGateway(host: string) {
  const provider = await swarmProvider({ host })
  const carrier = httpCarrier()
  const skep = new Skep(partsOf({ provider, carrier }))
  await skep.start()
  const front = edge({ invoker: skep, trustProxy: false, maySeeDetail: () => true, app: (_, res) => res.end() })
  const port = await listen(front.server)
  const close = async (): Promise<void> => {
    await front.close(0)
    await skep.close()
    carrier.close()
    await provider.close()
  }
  return { provider, skep, port, close }
}

function hiveOf(swarm: Swarm, { provider, skep, port }: Awaited<ReturnType<typeof startGateway>>, image: string) {
  const url = (name: string, path: string): string => `http://127.0.0.1:${port}/function/${name}${path}`
  const has = async (name: string, replicas: number): Promise<void> => {
    const tasks = () => swarm.node('m1').docker.listTasks({ filters: { label: ['skep.role=replica'] } })
    const isSo = async (): Promise<boolean> =>
      skep.find(name)?.pool.available === replicas && (await tasks()).length === replicas
    await until(isSo, 60_000)
  }
  return {
    swarm,
    skep,
    url,
    has,
    replicas: () => provider.replicas(),
    call: async (name: string, path: string) => (await fetch(url(name, path))).text(),
    deploy: async (name: string, fields: object) =>
      void (await skep.deploy(FunctionSpec.parse({ name, image, ...fields }))),
  }
}
