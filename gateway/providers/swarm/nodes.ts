import type { Node } from '../../core/ports.ts'
import type { SwarmPlace } from './place.ts'
import { architectureNames } from '../engine/ground.ts'

export interface SwarmNode extends Node {
  readonly id: string
  /** As the kernel names it, and the Swarm in constraints: aarch64. */
  readonly architecture: string
  readonly labels: Readonly<Record<string, string>>
  readonly engineLabels: Readonly<Record<string, string>>
}

interface EngineNode {
  readonly ID: string
  readonly Spec: {
    readonly Role: SwarmNode['role']
    readonly Availability: SwarmNode['availability']
    readonly Labels?: SwarmNode['labels']
  }
  readonly Description: {
    readonly Hostname: string
    readonly Platform: { readonly Architecture: string; readonly OS: string }
    readonly Resources: { readonly MemoryBytes: number }
    readonly Engine: { readonly Labels?: SwarmNode['labels'] }
  }
  readonly Status: { readonly State: SwarmNode['state'] }
}

/** By name: the engine's own order is that of random ids. */
export async function nodesOf({ engine }: Pick<SwarmPlace, 'engine'>): Promise<SwarmNode[]> {
  const nodes: EngineNode[] = await engine.ask((docker) => docker.listNodes())
  const described = nodes.map(({ ID, Spec, Description, Status }) => {
    const { Architecture, OS } = Description.Platform
    return {
      id: ID,
      name: Description.Hostname,
      platform: `${OS}/${architectureNames[Architecture] ?? Architecture}`,
      architecture: Architecture,
      role: Spec.Role,
      availability: Spec.Availability,
      state: Status.State,
      memoryBytes: Description.Resources.MemoryBytes,
      labels: Spec.Labels ?? {},
      engineLabels: Description.Engine.Labels ?? {},
    }
  })
  return described.toSorted((a, b) => a.name.localeCompare(b.name))
}
