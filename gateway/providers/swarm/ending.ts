import { lastWords, signalNames } from '../engine/ending.ts'
import { memoryOf } from '../engine/container.ts'
import type { SwarmNode } from './nodes.ts'
import type { SwarmPlace } from './place.ts'
import type { Task } from './tasks.ts'

/** Why a replica ended that nobody let go, in a sentence; its last log lines follow if it failed. */
export async function reasonOf({ engine }: SwarmPlace, { id, exitCode, trouble, revision }: Task): Promise<string> {
  if (exitCode === undefined) return `It could not be started: ${trouble ?? 'the Swarm does not say why'}.`
  if (trouble?.includes('unhealthy')) return 'Its monitor failed too often in a row.'
  // The Swarm does not tell these two apart.
  if (exitCode === 0 && revision.spec.monitor) return 'It ended by itself, or because its monitor failed.'
  if (exitCode === 0) return 'It ended by itself.'
  // The Swarm does not tell what killed it, but nobody else kills at once.
  if (exitCode === 137)
    return `It was killed, most likely for using more than its ${memoryOf(revision.spec)} of memory.`
  const signal = signalNames[exitCode]
  const words = await lastWords(engine, `tasks/${id}`).catch(() => [])
  return [signal ? `It was killed (${signal}).` : `It failed with exit code ${exitCode}.`, ...words].join('\n')
}

/** Why the Swarm ends a replica that this gateway wants. */
export function whyLeaving({ node }: Task, nodes: readonly SwarmNode[]): string {
  const its = nodes.find(({ id }) => id === node)
  if (!its) return 'Its node has left the Swarm.'
  if (its.state !== 'ready') return `Its node ${its.name} is ${its.state}.`
  if (its.availability !== 'active') return `Its node ${its.name} is being drained.`
  return 'It was stopped by somebody else.'
}
