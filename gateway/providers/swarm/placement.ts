import { SkepError } from '../../core/errors.ts'
import type { FunctionSpec } from '../../core/spec.ts'
import type { SwarmNode } from './nodes.ts'

/** The nodes that may run the function; throws, in words, when there is none. */
export function placesFor(
  { name, image, constraints }: FunctionSpec,
  platforms: readonly string[],
  nodes: readonly SwarmNode[],
): SwarmNode[] {
  const open = nodes.filter(({ availability, state }) => availability === 'active' && state === 'ready')
  if (open.length === 0) throw refused('No node of the Swarm takes anything now.', 'See `docker node ls`.')
  // Not every image says what it is for; then only its start tells.
  const able = open.filter(({ platform }) => platforms.length === 0 || platforms.includes(platform))
  if (able.length === 0) {
    const hint = `Build it for them as well: --platforms ${unique(open).join(',')}.`
    throw refused(`No node can run ${image}: it is made for ${platforms.join(', ')}; nodes: ${counted(open)}.`, hint)
  }
  const wanted = constraints.map(parsed)
  const places = able.filter((node) => wanted.every((constraint) => holds(constraint, node)))
  if (places.length > 0) return places
  const unmet = constraints.filter((_, i) => !able.some((node) => wanted[i] && holds(wanted[i], node)))
  const which = unmet.length > 0 ? unmet.join(', ') : constraints.join(' and ')
  throw refused(
    `No node that can run ${name} has ${which}.`,
    'Change its constraints, or label a node: `docker node update --label-add`.',
  )
}

interface Constraint {
  readonly key: string
  readonly equal: boolean
  readonly value: string
}

function parsed(text: string): Constraint {
  const [, key = '', operator, value = ''] = /^\s*([\w.-]+)\s*(==|!=)\s*(.+?)\s*$/.exec(text) ?? []
  if (!key) throw refused(`"${text}" is not a constraint.`, 'Write node.labels.disk==ssd, or node.role!=manager.')
  return { key, equal: operator === '==', value }
}

function holds({ key, equal, value }: Constraint, node: SwarmNode): boolean {
  return (factOf(key, node).toLowerCase() === value.toLowerCase()) === equal
}

/** What the Swarm itself compares. */
function factOf(key: string, node: SwarmNode): string {
  const facts: Readonly<Record<string, string>> = {
    'node.id': node.id,
    'node.hostname': node.name,
    'node.role': node.role,
    'node.platform.os': node.platform.split('/')[0] ?? '',
    'node.platform.arch': node.architecture,
  }
  const fact = facts[key]
  if (fact !== undefined) return fact
  if (key.startsWith('node.labels.')) return node.labels[key.slice('node.labels.'.length)] ?? ''
  if (key.startsWith('engine.labels.')) return node.engineLabels[key.slice('engine.labels.'.length)] ?? ''
  throw refused(
    `"${key}" is nothing that a node has.`,
    'Use node.labels.…, node.hostname, node.role or node.platform.arch.',
  )
}

const unique = (nodes: readonly SwarmNode[]): string[] => [...new Set(nodes.map(({ platform }) => platform))]

/** `3 × linux/arm64, 1 × linux/amd64` */
const counted = (nodes: readonly SwarmNode[]): string =>
  unique(nodes)
    .map((platform) => `${nodes.filter((node) => node.platform === platform).length} × ${platform}`)
    .join(', ')

const refused = (message: string, hint: string): SkepError => new SkepError('invalid_request', message, { hint })
