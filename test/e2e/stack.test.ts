import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliFolder, type CliFolder } from '../helpers/cli.ts'
import { baseImage } from '../helpers/engine.ts'
import { gatewayImage } from '../helpers/gateway-image.ts'
import { needs } from '../helpers/needs.ts'
import { residentMiB } from '../helpers/resident.ts'
import { startRegistry, type Registry } from '../helpers/registry.ts'
import { startSwarm, type Swarm } from '../helpers/swarm.ts'
import { until } from '../helpers/until.ts'
import type { Node } from '../lab/node.ts'
import { run } from '../lab/shell.ts'
import { functionImage } from '../providers/docker-ground.ts'
import { pushFrom } from '../providers/swarm-ground.ts'

const composeFile = fileURLToPath(new URL('../../docker-compose.yml', import.meta.url))

describe('docker stack deploy', { ...needs('docker', 'swarm', 'registry'), timeout: 180_000 }, () => {
  let swarm: Swarm
  let registry: Registry
  let manager: Node
  let cli: CliFolder
  let gateway: string
  let folder: string

  /** As a person on the manager would type it. */
  const type = (command: string): Promise<string> =>
    run('sh', ['-c', command], {
      DOCKER_HOST: manager.dockerHost,
      DOCKER_SOCKET: socketOf(manager),
      DOCKER_GID: String(statSync(socketOf(manager)).gid),
    })
  const skep = (...args: string[]) => cli.skep([...args, '--gateway', gateway])
  const call = async (): Promise<string | undefined> => {
    const answer = await fetch(`${gateway}/function/bees/`).catch(() => undefined)
    return answer?.ok ? answer.text() : undefined
  }

  beforeAll(async () => {
    cli = cliFolder()
    swarm = await startSwarm('m1', 'w1')
    manager = swarm.node('m1')
    gateway = `http://${manager.address}:8080`
    registry = await startRegistry(swarm.machineAddress)
    folder = mkdtempSync(join(tmpdir(), 'skep-stack-'))
    copyFileSync(composeFile, join(folder, 'docker-compose.yml'))
    mkdirSync(join(folder, 'secrets'))
    writeFileSync(join(folder, 'secrets/basic-auth-user'), 'admin')
    writeFileSync(join(folder, 'secrets/basic-auth-password'), 'honey')
    const images = [await gatewayImage(), await baseImage('redis')]
    const [gatewayName, redisName] = await Promise.all(images.map((tag) => pushFrom(manager, registry, tag)))
    await type(
      `cd ${folder} && SKEP_IMAGE=${gatewayName} REDIS_IMAGE=${redisName} docker stack deploy -c docker-compose.yml skep`,
    )
    await until(
      () =>
        fetch(`${gateway}/healthz`).then(
          ({ ok }) => ok,
          () => false,
        ),
      60_000,
    )
  }, 300_000)
  afterAll(async () => {
    await swarm.down()
    await registry.stop()
    cli.remove()
    rmSync(folder, { recursive: true })
  })

  it('gives a gateway that deploys and answers', async () => {
    await cli.skep(['login', '--gateway', gateway, '--password-stdin'], { input: 'honey' })
    const image = await pushFrom(manager, registry, await functionImage('probe'))
    const deployed = await skep('deploy', '--name', 'bees', '--image', image)
    expect([deployed.stderr, deployed.code]).toEqual([expect.any(String), 0])
    expect(await call()).toBe('hello')
    expect((await skep('list')).stdout).toContain('bees')
  })

  it('shows the nodes, and how many replicas run on each', async () => {
    const nodes = JSON.parse((await skep('nodes', '--json')).stdout) as { name: string; replicas: number }[]
    expect(nodes.map(({ name }) => name).toSorted()).toEqual(['m1', 'w1'])
    expect(nodes.reduce((sum, { replicas }) => sum + replicas, 0)).toBe(1)
    expect((await skep('nodes')).stdout).toMatch(/^m1 +manager +linux\/\w+ +\d+Mi +\d +active +ready$/m)
  })

  it('has no door for those without the password', async () => {
    expect((await fetch(`${gateway}/system/functions`)).status).toBe(401)
  })

  it('runs everything without root, and without rights that it does not need', async () => {
    const [found] = await manager.docker.listContainers({
      filters: { label: ['com.docker.swarm.service.name=skep_gateway'] },
    })
    const { Config, HostConfig } = await manager.docker.getContainer(found?.Id ?? '').inspect()
    expect(Config.User).toMatch(/^1000:\d+$/)
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'] })
  })

  it('fits in 90 MiB with its Redis when nobody calls', async () => {
    const resident = async (name: string): Promise<number> => {
      const label = [`com.docker.swarm.service.name=skep_${name}`]
      const [found] = await manager.docker.listContainers({ filters: { label } })
      const { State } = await manager.docker.getContainer(found?.Id ?? '').inspect()
      return residentMiB(State.Pid)
    }
    await until(async () => (await resident('gateway')) + (await resident('redis')) <= 90, 60_000)
  })

  it('has every function again when the gateway and Redis have lost all their data', async () => {
    await type('docker service scale --detach skep_gateway=0 skep_redis=0')
    await until(async () => (await type('docker ps -q --filter name=skep_')) === '', 60_000)
    await type('docker container prune -f && docker volume rm skep_gateway-data skep_redis-data')
    await type('docker service scale --detach skep_redis=1 skep_gateway=1')
    expect(await until(call, 90_000)).toBe('hello')
  })

  it('is taken away by three commands, and leaves nothing', async () => {
    await type('docker service rm skep_gateway')
    await type('docker service ls -q --filter label=skep.gateway | xargs docker service rm')
    await type('docker stack rm skep')
    await until(
      async () =>
        (await Promise.all(swarm.nodes.map(({ docker: node }) => node.listContainers({ all: true })))).flat().length ===
        0,
      60_000,
    )
    expect(await manager.docker.listServices()).toEqual([])
    expect(await manager.docker.listSecrets()).toEqual([])
    const networks = await manager.docker.listNetworks({ filters: { driver: ['overlay'] } })
    expect(networks.map(({ Name }) => Name)).toEqual(['ingress'])
  })
})

const socketOf = ({ dockerHost }: Node): string => new URL(dockerHost).pathname
