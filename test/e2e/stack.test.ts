import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliFolder, type CliFolder, type CliResult } from '../helpers/cli.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { baseImage, docker } from '../helpers/engine.ts'
import { gatewayImage } from '../helpers/gateway-image.ts'
import { needs } from '../helpers/needs.ts'
import { residentMiB } from '../helpers/resident.ts'
import { startRegistry, type Registry } from '../helpers/registry.ts'
import { startSwarm, type Swarm } from '../helpers/swarm.ts'
import { until } from '../helpers/until.ts'
import type { Node } from '../lab/node.ts'
import { done } from '../lab/progress.ts'
import { run } from '../lab/shell.ts'
import { functionImage } from '../providers/docker-ground.ts'
import { pushFrom } from '../providers/swarm-ground.ts'

describe('skep install', { ...needs('docker', 'swarm', 'registry'), timeout: 180_000 }, () => {
  let swarm: Swarm
  let registry: Registry
  let manager: Node
  let cli: CliFolder
  let gateway: string
  let password: string
  let installed: CliResult
  let images: Readonly<Record<string, string>> = {}

  /** As a person on the manager would type it. */
  const type = (command: string): Promise<string> => run('sh', ['-c', command], { DOCKER_HOST: manager.dockerHost })
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
    images = {
      SKEP_IMAGE: await pushFrom(manager, registry, await gatewayImage()),
      REDIS_IMAGE: await pushFrom(manager, registry, await baseImage('redis')),
      REGISTRY_IMAGE: await pushFrom(manager, registry, await baseImage('registry')),
      DOOR_IMAGE: await pushFrom(manager, registry, await baseImage('nginx')),
    }
    installed = await cli.skep(['install'], { env: { DOCKER_HOST: manager.dockerHost, ...images } })
  }, 300_000)
  afterAll(async () => {
    await swarm.down()
    await registry.stop()
    cli.remove()
  })

  it('deploys the stack, waits for it, and logs in', async () => {
    expect(installed).toMatchObject({ code: 0, stdout: `Skep answers at ${gateway}; you are logged in.\n` })
    expect(installed.stderr).toContain(`w1: worker, ${machine()}, ready`)
    password = readFileSync(join(cli.path, '.skep/skep/secrets/basic-auth-password'), 'utf8')
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

  it('gives a gateway that takes images, deploys and answers', async () => {
    await docker()
      .getImage(await functionImage('probe'))
      .tag({ repo: '127.0.0.1:5000/bees', tag: 'latest' })
    await cli.skep(['new', 'bees', '--lang', 'node'])
    renameSync(join(cli.path, 'bees.yml'), join(cli.path, 'stack.yml'))
    const env = { DOCKER_HOST: dockerHost ?? '' }
    const pushed = await cli.skep(['push', '--gateway', gateway], { env })
    expect([pushed.stderr, pushed.code]).toEqual([expect.any(String), 0])
    const deployed = await skep('deploy')
    expect([deployed.stderr, deployed.code]).toEqual([expect.any(String), 0])
    expect(await call()).toBe('hello')
    expect((await skep('list')).stdout).toContain('bees')
  })

  it('takes what `docker push` brings to the gateway, and gives it to every node', async () => {
    const host = `${manager.address}:8080`
    await type(`echo ${password} | docker login --username admin --password-stdin ${host}`)
    await type(
      `docker pull ${images['DOOR_IMAGE']} && docker tag ${images['DOOR_IMAGE']} ${host}/team/door:1 && docker push ${host}/team/door:1`,
    )
    await type(`docker logout ${host}`)
    const { docker: worker } = swarm.node('w1')
    const authconfig = { username: 'admin', password, serveraddress: '127.0.0.1:5000' }
    const image = '127.0.0.1:5000/team/door:1'
    await done(worker, await worker.pull(image, { authconfig }))
    expect((await worker.getImage(image).inspect()).RepoTags).toContain(image)
  })

  it('keeps its images from those without the password, at both doors', async () => {
    for (const port of [8080, 5000]) {
      const answer = await fetch(`http://${manager.address}:${port}/v2/bees/tags/list`)
      expect([port, answer.status, answer.headers.get('www-authenticate')]).toEqual([port, 401, expect.any(String)])
    }
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

  it('builds what a machine without Docker sends, and keeps it in its registry', async () => {
    mkdirSync(join(cli.path, 'far'))
    writeFileSync(join(cli.path, 'far/handler.js'), 'module.exports = () => "built by the stack"')
    await swarm.load(await baseImage('node'))
    const far = ['--name', 'far', '--lang', 'node', '--handler', 'far', '-b', `BASE_IMAGE=${await baseImage('node')}`]
    const up = await skep('up', '--remote', ...far)
    expect([up.stderr, up.code]).toEqual([expect.any(String), 0])
    expect(up.stdout).toMatch(/^far: 127\.0\.0\.1:5000\/far:[0-9a-f]{12}, built by the gateway$/m)
    expect(await (await fetch(`${gateway}/function/far`)).text()).toBe('built by the stack')
  })

  it('has every function again when the gateway and Redis have lost all their data', async () => {
    await type('docker service scale --detach skep_gateway=0 skep_redis=0')
    await until(
      async () => (await type('docker ps -q --filter name=skep_gateway --filter name=skep_redis')) === '',
      60_000,
    )
    await type('docker container prune -f && docker volume rm skep_gateway-data skep_redis-data')
    await type('docker service scale --detach skep_redis=1 skep_gateway=1')
    expect(await until(call, 90_000)).toBe('hello')
  })

  it('is taken away again, and leaves nothing', async () => {
    const { code } = await cli.skep(['uninstall', '--yes'], { env: { DOCKER_HOST: manager.dockerHost } })
    expect(code).toBe(0)
    const isClear = async ({ docker: node }: Node) => (await node.listContainers({ all: true })).length === 0
    await until(async () => (await Promise.all(swarm.nodes.map(isClear))).every(Boolean), 60_000)
    expect(await manager.docker.listServices()).toEqual([])
    expect(await manager.docker.listSecrets()).toEqual([])
    expect(await manager.docker.listConfigs()).toEqual([])
    expect((await manager.docker.listVolumes()).Volumes ?? []).toEqual([])
    expect(existsSync(join(cli.path, '.skep/skep'))).toBe(false)
    const networks = await manager.docker.listNetworks({ filters: { driver: ['overlay'] } })
    expect(networks.map(({ Name }) => Name)).toEqual(['ingress'])
  })
})

const machine = () => (process.arch === 'arm64' ? 'aarch64' : 'x86_64')
