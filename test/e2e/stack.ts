import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cliFolder, type CliFolder, type CliResult } from '../helpers/cli.ts'
import { baseImage } from '../helpers/engine.ts'
import { gatewayImage } from '../helpers/gateway-image.ts'
import { startRegistry, type Registry } from '../helpers/registry.ts'
import { startSwarm, type Swarm } from '../helpers/swarm.ts'
import { socketForContainers } from '../lab/engine.ts'
import type { Node } from '../lab/node.ts'
import { run } from '../lab/shell.ts'
import { pushFrom } from '../providers/swarm-ground.ts'

/** A Swarm with Skep on it, as `skep install` puts it there. */
export interface Stack {
  readonly swarm: Swarm
  readonly registry: Registry
  readonly cli: CliFolder
  readonly installed: CliResult
  /** The images that it is made of, as the compose file names them. */
  readonly images: Readonly<Record<string, string>>
  /** Where the CLI found a gateway. */
  readonly gateway: string
  readonly password: string
  /** As a person on that node would type it. */
  type(node: string, command: string): Promise<string>
  /** Brings an image into the stack's registry through the gateway, with `docker push`. */
  push(image: string, name: string): Promise<void>
  /** The containers of one of the stack's services, wherever they run. */
  containers(service: string): Promise<StackContainer[]>
  /** The gateway that leads, as the gateways' logs say, and since when. */
  leader(): Promise<(StackContainer & { readonly since: number }) | undefined>
  /** How many replicas of each function run, as far as a manager knows. */
  replicas(): Promise<Readonly<Record<string, number>>>
  down(): Promise<void>
}

export interface StackContainer {
  readonly node: Node
  readonly id: string
}

export async function startStack(...names: string[]): Promise<Stack> {
  const swarm = await startSwarm(...names)
  const registry = await startRegistry(swarm.machineAddress)
  const cli = cliFolder()
  const down = async (): Promise<void> => {
    await registry.stop()
    await swarm.down()
    cli.remove()
  }
  try {
    const manager = swarm.node('m1')
    const images = await imagesFor(manager, registry)
    const env = { DOCKER_HOST: manager.dockerHost, DOCKER_SOCKET: socketForContainers, ...images }
    const installed = await cli.skep(['install'], { env })
    if (installed.code !== 0) throw new Error(installed.stderr)
    const [gateway = ''] = /http:\S+(?=;)/.exec(installed.stdout) ?? []
    const password = readFileSync(join(cli.path, '.skep/skep/secrets/basic-auth-password'), 'utf8')
    const type = (node: string, command: string): Promise<string> =>
      run('sh', ['-c', command], { DOCKER_HOST: swarm.node(node).dockerHost })
    return {
      ...{ swarm, registry, cli, installed, images, gateway, password, type, down },
      push: async (image, name) => {
        const { host } = new URL(gateway)
        await type('m1', `echo ${password} | docker login --username admin --password-stdin ${host}`)
        await type('m1', `docker pull ${image} && docker tag ${image} ${host}/${name} && docker push ${host}/${name}`)
        await type('m1', `docker logout ${host}`)
      },
      containers: (service) => containersOf(swarm, service),
      leader: () => leaderOf(swarm),
      replicas: () => replicasOf(manager),
    }
  } catch (error) {
    await down()
    throw error
  }
}

async function imagesFor(manager: Node, registry: Registry): Promise<Record<string, string>> {
  return {
    SKEP_IMAGE: await pushFrom(manager, registry, await gatewayImage()),
    REDIS_IMAGE: await pushFrom(manager, registry, await baseImage('redis')),
    REGISTRY_IMAGE: await pushFrom(manager, registry, await baseImage('registry')),
    DOOR_IMAGE: await pushFrom(manager, registry, await baseImage('nginx')),
  }
}

async function containersOf({ nodes }: Swarm, service: string): Promise<StackContainer[]> {
  const filters = { label: [`com.docker.swarm.service.name=skep_${service}`] }
  const found = nodes.map(async (node) => {
    const containers = await node.docker.listContainers({ filters })
    return containers.map(({ Id: id }) => ({ node, id }))
  })
  return (await Promise.all(found)).flat()
}

async function leaderOf(swarm: Swarm) {
  const roles = (await containersOf(swarm, 'gateway')).map(async ({ node, id }) => {
    const log = await run('docker', ['logs', id], { DOCKER_HOST: node.dockerHost }).catch(() => '') // it may have just ended
    const said = log.split('\n').findLast((line) => line.includes('"event":"role"'))
    const { role, time } = JSON.parse(said ?? '{}') as { role?: string; time?: string }
    return { node, id, role, since: Date.parse(time ?? '') }
  })
  return (await Promise.all(roles)).find(({ role }) => role === 'leads')
}

async function replicasOf({ docker }: Node): Promise<Record<string, number>> {
  const filters = { label: ['skep.role=replica'], 'desired-state': ['running'] }
  const tasks: Task[] = await docker.listTasks({ filters }).catch(() => []) // without a majority no manager knows
  const names = tasks
    .filter(({ Status }) => Status.State === 'running')
    .map(({ Spec }) => Spec.ContainerSpec.Labels['skep.function'] ?? '')
  return names.reduce<Record<string, number>>((counts, name) => ({ ...counts, [name]: (counts[name] ?? 0) + 1 }), {})
}

interface Task {
  readonly Status: { readonly State: string }
  readonly Spec: { readonly ContainerSpec: { readonly Labels: Readonly<Record<string, string>> } }
}
