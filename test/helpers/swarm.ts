import { stopEngine } from '../lab/engine.ts'
import { freePrefix } from '../lab/network.ts'
import { startNode, type Node } from '../lab/node.ts'
import { done } from '../lab/progress.ts'
import { machineAddress, makeSwitch } from '../lab/switch.ts'
import { docker } from './engine.ts'
import { until } from './until.ts'

export interface Swarm {
  readonly nodes: readonly Node[]
  /** This machine on the switch: a registry that listens here is reached, and trusted, by all nodes. */
  readonly machineAddress: string
  node(name: string): Node
  /** Copies images from the tests' engine to every node. */
  load(...tags: string[]): Promise<void>
  down(): Promise<void>
}

/** Starts a Swarm on this machine. Nodes whose names begin with `m` are managers; the first one must be. `w1:i686`: see `startNode`. */
export async function startSwarm(...names: readonly string[]): Promise<Swarm> {
  const prefix = await freePrefix()
  await makeSwitch(prefix)
  const starts = await Promise.allSettled(names.map((name, i) => startNode(name, prefix, `${prefix}.0.${10 + i}`)))
  const nodes = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
  const down = async () => void (await Promise.all(nodes.map(({ folder }) => stopEngine(folder))))
  try {
    for (const start of starts) if (start.status === 'rejected') throw start.reason
    await join(nodes, prefix)
  } catch (error) {
    await down()
    throw error
  }
  return {
    nodes,
    machineAddress: machineAddress(prefix),
    node: (name) => find(nodes, name),
    load: async (...tags) => void (await Promise.all(nodes.map((node) => load(node, tags)))),
    down,
  }
}

/** Resolves when every node is ready. */
async function join([first, ...others]: readonly Node[], prefix: string): Promise<void> {
  if (!first) throw new Error('A Swarm needs at least one node.')
  // Overlay networks have addresses of this Swarm's own too, or two of them would be in each other's way.
  const pool = { DefaultAddrPool: [`${prefix}.64.0/18`], SubnetSize: 24 }
  await first.docker.swarmInit({ AdvertiseAddr: first.address, ListenAddr: '0.0.0.0:2377', ...pool })
  const { JoinTokens: tokens }: { JoinTokens: { Manager: string; Worker: string } } = await first.docker.swarmInspect()
  for (const { name, address, docker: client } of others) {
    const JoinToken = name.startsWith('m') ? tokens.Manager : tokens.Worker
    const RemoteAddrs = [`${first.address}:2377`]
    await client.swarmJoin({ AdvertiseAddr: address, ListenAddr: '0.0.0.0:2377', RemoteAddrs, JoinToken })
  }
  await until(async () => {
    const known: { Status: { State: string } }[] = await first.docker.listNodes()
    return known.length === others.length + 1 && known.every(({ Status }) => Status.State === 'ready')
  })
}

function find(nodes: readonly Node[], name: string): Node {
  const node = nodes.find((one) => one.name === name)
  if (!node) throw new Error(`No node "${name}".`)
  return node
}

async function load(node: Node, tags: readonly string[]): Promise<void> {
  for (const tag of tags) {
    const image = await docker().getImage(tag).get()
    await done(node.docker, await node.docker.loadImage(image))
  }
}
