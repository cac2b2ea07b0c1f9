import { messageOf } from '../../core/errors.ts'
import { type Engine, unlessMissing } from './client.ts'
import { label } from './labels.ts'

/** How the gateway reaches a replica: at the container's own address, or at a port of this machine's loopback. */
export type Reach = 'direct' | 'published'

/** What is known of the engine, and true for as long as it runs. */
export interface Ground {
  /** As images name it: linux/arm64. */
  readonly platform: string
  readonly cpus: number
  readonly reach: Reach
}

export interface GroundOptions {
  readonly gateway: string
  readonly network: string
  readonly reach?: Reach | undefined
  /** The container that the gateway itself runs in, which then joins the network. */
  readonly self?: string | undefined
}

/** Looks at the engine and makes the network that functions live in. */
export async function layGround(engine: Engine, options: GroundOptions): Promise<Ground> {
  const info = await engine.ask((docker) => docker.info())
  await ensureNetwork(engine, options)
  if (options.self !== undefined) await join(engine, options.network, options.self)
  return {
    platform: `${info.OSType}/${architectureNames[info.Architecture] ?? info.Architecture}`,
    cpus: info.NCPU,
    reach: options.reach ?? (isBehindAMachine(info.OperatingSystem) ? 'published' : 'direct'),
  }
}

/** The kernel's names, as `docker info` tells them, and the images'. */
export const architectureNames: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  i686: '386',
}

/** Docker Desktop runs the engine in a virtual machine, whose networks this machine cannot reach. */
const isBehindAMachine = (operatingSystem: string): boolean =>
  process.platform !== 'linux' || operatingSystem.includes('Docker Desktop')

async function ensureNetwork(engine: Engine, { gateway, network }: GroundOptions): Promise<void> {
  const known = await unlessMissing(engine.ask((docker) => docker.getNetwork(network).inspect()))
  if (known) return
  const Labels = { [label.gateway]: gateway, [label.role]: 'network' }
  await engine.ask((docker) => docker.createNetwork({ Name: network, Driver: 'bridge', CheckDuplicate: true, Labels }))
}

async function join(engine: Engine, network: string, container: string): Promise<void> {
  // Another machine's host name looks the same: then the gateway is in no container of this engine.
  const known = await unlessMissing(engine.ask((docker) => docker.getContainer(container).inspect()))
  if (!known) return
  const connected = engine.ask((docker) => docker.getNetwork(network).connect({ Container: container }))
  await connected.catch((error: unknown) => {
    if (!/already (exists|attached)/i.test(messageOf(error))) throw error
  })
}
