import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dockerHost } from '../helpers/docker-host.ts'
import { baseImage } from '../helpers/engine.ts'
import { startLoad, type Load } from '../helpers/load.ts'
import { needs } from '../helpers/needs.ts'
import { residentMiB } from '../helpers/resident.ts'
import { until } from '../helpers/until.ts'
import type { Node } from '../lab/node.ts'
import { done } from '../lab/progress.ts'
import { startStack, type Stack, type StackContainer } from './stack.ts'

describe('skep install', { ...needs('docker', 'swarm', 'registry', 'redis'), timeout: 180_000 }, () => {
  let stack: Stack

  const skep = (...args: string[]) => stack.cli.skep([...args, '--gateway', stack.gateway])
  const call = async (gateway = stack.gateway): Promise<string | undefined> => {
    const answer = await fetch(`${gateway}/function/bees/`).catch(() => undefined)
    return answer?.ok ? answer.text() : undefined
  }
  const gatewayOn = ({ address }: Node): string => `http://${address}:8080`
  const managers = (): Node[] => stack.swarm.nodes.filter(({ name }) => name.startsWith('m'))

  beforeAll(async () => {
    stack = await startStack('m1', 'm2', 'w1')
  }, 300_000)
  afterAll(() => stack.down())

  it('deploys the stack, waits for it, and logs in', async () => {
    expect(stack.installed).toMatchObject({ code: 0, stdout: `Skep answers at ${stack.gateway}; you are logged in.\n` })
    expect(managers().map(gatewayOn)).toContain(stack.gateway)
    expect(stack.installed.stderr).toContain(`w1: worker, ${machine()}, ready`)
  })

  it('fits in 90 MiB with its Redis when nobody calls', async () => {
    const resident = async (service: string): Promise<number> => {
      const { State } = await inspect((await stack.containers(service))[0])
      return residentMiB(State.Pid)
    }
    await until(async () => (await resident('gateway')) + (await resident('redis')) <= 90, 60_000)
  })

  it('gives a gateway that takes images, deploys and answers', async () => {
    const { cli } = stack
    const env = { DOCKER_HOST: dockerHost ?? '' }
    await cli.skep(['new', 'bees', '--lang', 'node'])
    copyFileSync(join(cli.path, 'bees.yml'), join(cli.path, 'stack.yml'))
    copyFileSync('test/fixtures/functions/probe/handler.js', join(cli.path, 'bees/handler.js'))
    const words = [
      ['build', '-b', `BASE_IMAGE=${await baseImage('node')}`],
      ['push', '--gateway', stack.gateway],
    ]
    for (const command of words) expect((await cli.skep(command, { env })).stderr).not.toContain('error')
    const deployed = await skep('deploy')
    expect([deployed.stderr, deployed.code]).toEqual([expect.any(String), 0])
    expect(await skep('invoke', 'bees')).toMatchObject({ stdout: 'hello', code: 0 })
    expect((await skep('list')).stdout).toContain('bees')
  })

  it('takes what `docker push` brings to the gateway, and gives it to every node', async () => {
    await stack.push(stack.images['DOOR_IMAGE'] ?? '', 'team/door:1')
    const { docker: worker } = stack.swarm.node('w1')
    const authconfig = { username: 'admin', password: stack.password, serveraddress: '127.0.0.1:5000' }
    const image = '127.0.0.1:5000/team/door:1'
    await done(worker, await worker.pull(image, { authconfig }))
    expect((await worker.getImage(image).inspect()).RepoTags).toContain(image)
  })

  it('keeps its images from those without the password, at both doors', async () => {
    for (const port of [8080, 5000]) {
      const answer = await fetch(`http://${new URL(stack.gateway).hostname}:${port}/v2/bees/tags/list`)
      expect([port, answer.status, answer.headers.get('www-authenticate')]).toEqual([port, 401, expect.any(String)])
    }
  })

  it('shows the nodes, and how many replicas run on each', async () => {
    const nodes = JSON.parse((await skep('nodes', '--json')).stdout) as { name: string; replicas: number }[]
    expect(nodes.map(({ name }) => name).toSorted()).toEqual(['m1', 'm2', 'w1'])
    expect(nodes.reduce((sum, { replicas }) => sum + replicas, 0)).toBe(1)
    expect((await skep('nodes')).stdout).toMatch(/^m1 +manager +linux\/\w+ +\d+Mi +\d +active +ready$/m)
  })

  it('has no door for those without the password', async () => {
    expect((await fetch(`${stack.gateway}/system/functions`)).status).toBe(401)
  })

  it('runs everything without root, and without rights that it does not need', async () => {
    const [found] = await stack.containers('gateway')
    const { Config, HostConfig } = await inspect(found)
    expect(Config.User).toMatch(/^1000:\d+$/)
    expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'] })
  })

  it('builds what a machine without Docker sends, and keeps it in its registry', async () => {
    mkdirSync(join(stack.cli.path, 'far'), { recursive: true })
    writeFileSync(join(stack.cli.path, 'far/handler.js'), 'module.exports = () => "built by the stack"')
    await stack.swarm.load(await baseImage('node'))
    const far = ['--name', 'far', '--lang', 'node', '--handler', 'far', '-b', `BASE_IMAGE=${await baseImage('node')}`]
    const up = await skep('up', '--remote', ...far)
    expect([up.stderr, up.code]).toEqual([expect.any(String), 0])
    expect(up.stdout).toMatch(/^far: 127\.0\.0\.1:5000\/far:[0-9a-f]{12}, built by the gateway$/m)
    expect(await (await fetch(`${stack.gateway}/function/far`)).text()).toBe('built by the stack')
  })

  it('has every function again when the gateway and Redis have lost all their data', async () => {
    const type = (command: string) => Promise.all(managers().map(({ name }) => stack.type(name, command)))
    await stack.type('m1', 'docker service scale --detach skep_gateway=0 skep_redis=0')
    const running = (): Promise<StackContainer[][]> =>
      Promise.all(['gateway', 'redis'].map((service) => stack.containers(service)))
    await until(async () => (await running()).flat().length === 0, 60_000)
    await type('docker container prune -f && docker volume rm -f skep_gateway-data skep_redis-data')
    await stack.type('m1', 'docker service scale --detach skep_redis=1 skep_gateway=2')
    for (const manager of managers()) expect(await until(() => call(gatewayOn(manager)), 90_000)).toBe('hello')
  })

  it('goes on through the other gateway when the one that leads is killed', async () => {
    const led = await until(() => stack.leader())
    const other = managers().find(({ name }) => name !== led.node.name)
    const url = gatewayOn(other ?? led.node)
    const load = startLoad(`${url}/function/bees/slow?n=5`, 4)
    await until(() => load.answered > 20)
    await led.node.docker.getContainer(led.id).kill()
    const killedAt = Date.now()
    const next = await until(async () => {
      const found = await stack.leader()
      return found && found.id !== led.id ? found : undefined
    })
    expect(next.since - killedAt).toBeLessThan(5000)
    await stack.cli.skep(['login', '--password-stdin', '--gateway', url], { input: stack.password })
    expect(await stack.cli.skep(['scale', 'bees', '3', '--gateway', url])).toMatchObject({ stderr: '', code: 0 })
    await until(async () => (await stack.replicas())['bees'] === 3, 60_000)
    await load.stop()
    expect(load.failed).toEqual([])
  })

  it('goes on while a manager is dark, and has everything as it was when that is back', async () => {
    for (const manager of managers()) await until(() => call(gatewayOn(manager)), 60_000)
    const steady = ['--name', 'steady', '--image', '127.0.0.1:5000/bees', '--constraint', 'node.hostname==w1']
    expect(await skep('deploy', ...steady, '--label', 'com.openfaas.scale.min=2')).toMatchObject({ code: 0 })
    const isSo = async (): Promise<boolean> => {
      const { bees, steady } = await stack.replicas()
      return bees === 3 && steady === 2
    }
    await until(isSo, 60_000)
    // With it go Redis, a gateway, and the majority of the managers.
    const dark = (await stack.containers('redis'))[0]?.node ?? stack.swarm.node('m1')
    const other = managers().find((node) => node !== dark) ?? dark
    const loadOn = (node: Node): Load => startLoad(`${gatewayOn(node)}/function/steady/slow?n=5`, 2)
    const [there, elsewhere] = [loadOn(dark), loadOn(other)]
    const goesOn = (load: Load): Promise<boolean> => {
      const before = load.answered
      return until(() => load.answered > before + 100, 60_000)
    }
    await dark.kill()
    await Promise.all([goesOn(there), goesOn(elsewhere)])
    await there.stop()
    await dark.powerOff()
    await goesOn(elsewhere)
    await dark.start()
    for (const manager of managers()) expect(await until(() => call(gatewayOn(manager)), 90_000)).toBe('hello')
    await until(isSo, 90_000)
    await elsewhere.stop()
    expect([there.failed, elsewhere.failed]).toEqual([[], []])
  })

  it('is taken away again, and leaves nothing', async () => {
    const { swarm, cli } = stack
    const manager = swarm.node('m1')
    const env = { DOCKER_HOST: manager.dockerHost }
    const { code, stderr } = await cli.skep(['uninstall', '--yes'], { env })
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('may still have volumes')])
    const isClear = async ({ docker: node }: Node): Promise<boolean> => {
      const { Volumes } = await node.listVolumes()
      return (Volumes ?? []).length + (await node.listContainers({ all: true })).length === 0
    }
    await until(async () => (await Promise.all(swarm.nodes.map(isClear))).every(Boolean), 60_000)
    expect(await manager.docker.listServices()).toEqual([])
    expect(await manager.docker.listSecrets()).toEqual([])
    expect(await manager.docker.listConfigs()).toEqual([])
    expect(existsSync(join(cli.path, '.skep/skep'))).toBe(false)
    const networks = await manager.docker.listNetworks({ filters: { driver: ['overlay'] } })
    expect(networks.map(({ Name }) => Name)).toEqual(['ingress'])
  })
})

const inspect = (found: StackContainer | undefined) =>
  found ? found.node.docker.getContainer(found.id).inspect() : Promise.reject(new Error('It does not run.'))

const machine = () => (process.arch === 'arm64' ? 'aarch64' : 'x86_64')
