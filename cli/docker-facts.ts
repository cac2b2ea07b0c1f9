import Docker from 'dockerode'
import { messageOf } from '../gateway/core/errors.ts'
import { engineOptions } from './docker-host.ts'
import type { Env } from './env.ts'

/** What an engine says of itself and of its Swarm. */
export interface EngineFacts {
  readonly version: string
  readonly apiVersion: string
  /** Whether it can hold containers to a limit of memory. */
  readonly limitsMemory: boolean
  readonly swarm: SwarmFacts | undefined
}

export interface SwarmFacts {
  readonly isManager: boolean
  /** Known to managers only. */
  readonly nodes: readonly { readonly name: string; readonly isManager: boolean; readonly isUp: boolean }[]
  readonly error: string
}

/** Rejects with why no engine answers. */
export async function engineFacts(env: Env): Promise<EngineFacts> {
  const docker = new Docker({ ...(await engineOptions(env)), timeout: 10_000 })
  const [info, { ApiVersion }] = await Promise.all([docker.info() as Promise<Info>, docker.version()])
  const { Swarm: swarm } = info
  const isActive = swarm?.LocalNodeState === 'active'
  return {
    version: info.ServerVersion,
    apiVersion: ApiVersion,
    limitsMemory: info.MemoryLimit,
    swarm: isActive ? await swarmFacts(docker, swarm) : undefined,
  }
}

interface Info {
  readonly ServerVersion: string
  readonly MemoryLimit: boolean
  readonly Swarm?: { readonly LocalNodeState: string; readonly ControlAvailable: boolean; readonly Error: string }
}

/** Without a quorum a manager knows no nodes, and says why. */
async function swarmFacts(docker: Docker, swarm: NonNullable<Info['Swarm']>): Promise<SwarmFacts> {
  if (!swarm.ControlAvailable) return { isManager: false, nodes: [], error: swarm.Error }
  const listed = await docker.listNodes().catch((error: unknown) => messageOf(error))
  if (typeof listed === 'string') return { isManager: true, nodes: [], error: listed }
  const nodes = listed.map(({ Description, Spec, Status }: Node) => ({
    name: Description?.Hostname ?? '?',
    isManager: Spec?.Role === 'manager',
    isUp: Status?.State === 'ready',
  }))
  return { isManager: true, nodes, error: swarm.Error }
}

interface Node {
  readonly Description?: { readonly Hostname?: string }
  readonly Spec?: { readonly Role?: string }
  readonly Status?: { readonly State?: string }
}
