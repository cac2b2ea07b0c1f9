import { describe, expect, it } from 'vitest'
import { FunctionSpec } from '../../gateway/core/spec.ts'
import type { SwarmNode } from '../../gateway/providers/swarm/nodes.ts'
import { placesFor } from '../../gateway/providers/swarm/placement.ts'
import { placementPlatforms } from '../../gateway/providers/swarm/platforms.ts'

const node = (name: string, fields: Partial<SwarmNode> = {}): SwarmNode => ({
  id: `id-${name}`,
  name,
  platform: 'linux/arm64',
  architecture: 'aarch64',
  role: 'worker',
  availability: 'active',
  state: 'ready',
  memoryBytes: 2 ** 30,
  labels: {},
  engineLabels: {},
  ...fields,
})

const pis = [node('m1', { role: 'manager' }), node('w1', { labels: { disk: 'ssd' } }), node('w2')]

const places = (constraints: string[], platforms = ['linux/arm64'], nodes: readonly SwarmNode[] = pis): string[] => {
  const spec = FunctionSpec.parse({ name: 'hello', image: 'hello:1', constraints })
  return placesFor(spec, platforms, nodes).map(({ name }) => name)
}

describe('the nodes that may run a function', () => {
  it('are told to the Swarm by the kernel’s word for a processor as well: of some it knows no other', () => {
    expect(placementPlatforms(['linux/arm'])).toEqual([
      { OS: 'linux', Architecture: 'arm' },
      { OS: 'linux', Architecture: 'armv7l' },
    ])
  })

  it.each([
    [[], ['m1', 'w1', 'w2']],
    [['node.role==manager'], ['m1']],
    [['node.role != manager'], ['w1', 'w2']],
    [['node.labels.disk == ssd'], ['w1']],
    [['node.labels.disk!=ssd', 'node.role==worker'], ['w2']],
    [['node.hostname==W2'], ['w2']],
    [['node.platform.arch==aarch64', 'node.id==id-m1'], ['m1']],
    [['node.platform.os==linux'], ['m1', 'w1', 'w2']],
  ])('are, with the constraints %j: %j', (constraints, names) => {
    expect(places(constraints)).toEqual(names)
  })

  it('are those that the image is made for', () => {
    const mixed = [...pis, node('pc', { platform: 'linux/amd64', architecture: 'x86_64' })]
    expect(places([], ['linux/amd64'], mixed)).toEqual(['pc'])
    expect(places([], ['linux/amd64', 'linux/arm64'], mixed)).toEqual(['m1', 'w1', 'w2', 'pc'])
  })

  it('are all for an image that does not say what it is made for', () => {
    expect(places([], [])).toEqual(['m1', 'w1', 'w2'])
  })

  it('are not those that are drained or gone', () => {
    expect(
      places([], ['linux/arm64'], [node('a', { availability: 'drain' }), node('b', { state: 'down' }), node('c')]),
    ).toEqual(['c'])
  })
})

describe('a function that no node can run', () => {
  it.each([
    [
      'says what the image is made for, and what the nodes are',
      [],
      ['linux/amd64'],
      pis,
      'No node can run hello:1: it is made for linux/amd64; nodes: 3 × linux/arm64.',
    ],
    [
      'names the constraint that no node meets',
      ['node.role==worker', 'node.labels.disk==nvme'],
      undefined,
      pis,
      'No node that can run hello has node.labels.disk==nvme.',
    ],
    [
      'names constraints that no node meets together',
      ['node.role==manager', 'node.labels.disk==ssd'],
      undefined,
      pis,
      'No node that can run hello has node.role==manager and node.labels.disk==ssd.',
    ],
    ['says that there is no node', [], undefined, [], 'No node of the Swarm takes anything now.'],
    ['shows what is no constraint', ['disk is fast'], undefined, pis, '"disk is fast" is not a constraint.'],
    [
      'shows what a node does not have',
      ['node.colour==red'],
      undefined,
      pis,
      '"node.colour" is nothing that a node has.',
    ],
  ])('%s', (_, constraints, platforms, nodes, message) => {
    expect(() => places(constraints, platforms, nodes)).toThrow(
      expect.objectContaining({ code: 'invalid_request', message, hint: expect.any(String) }),
    )
  })
})
