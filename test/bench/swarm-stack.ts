import { setTimeout as sleep } from 'node:timers/promises'
import { residentMiB } from '../helpers/resident.ts'
import { startStack, type Stack, type StackContainer } from '../e2e/stack.ts'
import { functionImage } from '../providers/docker-ground.ts'
import { pushFrom } from '../providers/swarm-ground.ts'
import { needPrograms } from './programs.ts'
import { wrk } from './wrk.ts'

// The stack as `skep install` makes it: its own image, its own Redis.

const rounds = 7
const seconds = 2
const connectionCounts = [1, 10] as const
/** Longer than the gateway's first looks whether it rests (gateway/rest.ts), and a pause after a push. */
const restMs = 30_000

export interface StackFigures {
  /** Median latencies in ms, round by round: the two take turns, so that what disturbs the machine meets both. */
  readonly warm: readonly { connections: number; direct: number[]; throughSkep: number[] }[]
  readonly atRest: Memory
  readonly afterPush: Memory
}

interface Memory {
  readonly gateway: number
  readonly redis: number
}

export async function measureStack(): Promise<StackFigures> {
  needPrograms({ wrk: 'wrk', nsenter: 'util-linux' })
  const stack = await startStack('m1', 'w1', 'w2')
  try {
    await sleep(restMs)
    const atRest = await memoryOf(stack)
    await stack.push(stack.images['SKEP_IMAGE'] ?? '', 'large:1') // the largest that there is: 150 MB
    await sleep(restMs)
    const afterPush = await memoryOf(stack)
    return { atRest, afterPush, warm: await warmCalls(stack) }
  } finally {
    await stack.down()
  }
}

async function memoryOf(stack: Stack): Promise<Memory> {
  const resident = async (service: string) => residentMiB(await pidOf((await stack.containers(service))[0]))
  return { gateway: await resident('gateway'), redis: await resident('redis') }
}

/** From where the gateway is: it to the task, over the overlay network, and from itself through itself. */
async function warmCalls(stack: Stack): Promise<StackFigures['warm']> {
  const task = await deployOn(stack, 'w1')
  const [gateway] = await stack.containers('gateway')
  const within = await pidOf(gateway)
  const urls = { direct: `http://${task}:8080/`, throughSkep: 'http://127.0.0.1:8080/function/bees/' }
  const load = async (url: string, connections: number) => (await wrk(url, connections, seconds, { within })).medianMs
  for (const url of Object.values(urls)) await load(url, 10) // until it is compiled
  const measured = connectionCounts.map((connections) => ({
    connections,
    direct: [] as number[],
    throughSkep: [] as number[],
  }))
  for (const { connections, direct, throughSkep } of measured) {
    for (let round = 0; round < rounds; round++) {
      direct.push(await load(urls.direct, connections))
      throughSkep.push(await load(urls.throughSkep, connections))
    }
  }
  return measured
}

/** Resolves with the address of its replica. */
async function deployOn({ swarm, registry, cli, gateway }: Stack, node: string): Promise<string> {
  const image = await pushFrom(swarm.node('m1'), registry, await functionImage('probe'))
  const words = ['--name', 'bees', '--image', image, '--constraint', `node.hostname==${node}`]
  const deployed = await cli.skep(['deploy', '--gateway', gateway, ...words, '--label', 'com.openfaas.scale.max=1'])
  if (deployed.code !== 0) throw new Error(deployed.stderr)
  const { docker } = swarm.node(node)
  const [container] = await docker.listContainers({ filters: { label: ['skep.function=bees'] } })
  return container?.NetworkSettings.Networks['skep-functions']?.IPAMConfig?.IPv4Address ?? ''
}

async function pidOf(container: StackContainer | undefined): Promise<number> {
  const found = await container?.node.docker.getContainer(container.id).inspect()
  if (found === undefined) throw new Error('It does not run.')
  return found.State.Pid
}
