import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliFolder, type CliFolder, type CliResult } from '../helpers/cli.ts'
import { baseImage, docker } from '../helpers/engine.ts'
import { gatewayImage } from '../helpers/gateway-image.ts'
import { needs, notRun } from '../helpers/needs.ts'
import { startDoor } from '../helpers/registry-door.ts'
import { type Registry, startRegistry } from '../helpers/registry.ts'
import { startSwarm, type Swarm } from '../helpers/swarm.ts'
import { until } from '../helpers/until.ts'
import { socketForContainers } from '../lab/engine.ts'
import type { Node } from '../lab/node.ts'
import { done } from '../lab/progress.ts'
import { run } from '../lab/shell.ts'

const intel = process.arch === 'x64' ? undefined : 'one of the nodes takes its processor for an older one of Intel’s'
const password = 'honey'

describe(
  'a Swarm of two kinds of processors',
  { ...needs('docker', 'swarm', 'registry'), ...notRun(intel), timeout: 180_000 },
  () => {
    let swarm: Swarm
    let gateway: string
    let cli: CliFolder
    let registry: Registry
    const doors: ChildProcess[] = []
    /** On each node for its own kind, and in no registry; it answers what `/www/index.html` says. */
    const base = 'lab/http'

    beforeAll(async () => {
      cli = cliFolder()
      swarm = await startSwarm('m1', 'w1:i686')
      registry = await startRegistry(swarm.machineAddress)
      const manager = swarm.node('m1')
      await load(manager, await gatewayImage())
      await load(swarm.node('w1'), await baseImage('node'))
      for (const node of swarm.nodes) {
        doors.push(startDoor(node, registry, { folder: join(cli.path, `door-${node.name}`), password }))
      }
      await load(manager, await baseImage('http'))
      await manager.docker.getImage(await baseImage('http')).tag({ repo: base })
      await makeOlder(swarm.node('w1'), base, join(cli.path, 'older'))
      await startGateway(manager, registry)
      gateway = `http://${manager.address}:8080`
      const logIn = ['login', '--username', 'admin', '--password-stdin']
      await until(async () => (await skep(logIn, password)).code === 0, 60_000)
    }, 300_000)
    afterAll(async () => {
      for (const door of doors) door.kill('SIGTERM')
      await swarm.down()
      await registry.stop()
      cli.remove()
    })

    const skep = (args: string[], input = ''): Promise<CliResult> =>
      cli.skep(args, { env: { OPENFAAS_URL: gateway }, input })
    const app = ['--name', 'app', '--lang', 'dockerfile', '--handler', 'app']
    const upRemote = ['up', '--remote', '--platforms', 'linux/386', ...app]
    const relays = () => swarm.node('m1').docker.listServices({ filters: { label: ['skep.role=relay'] } })
    const writeApp = (lines: string): void => {
      mkdirSync(join(cli.path, 'app'), { recursive: true })
      const command = 'CMD ["httpd","-f","-p","8080","-h","/www"]'
      writeFileSync(join(cli.path, 'app/Dockerfile'), `FROM ${base}\n${lines}\n${command}`)
    }

    it('has a node build what is for its kind, and calls there what was built', async () => {
      writeApp('RUN uname -m > /www/index.html')
      const up = await skep(upRemote)
      expect([up.stderr, up.code]).toEqual([expect.stringContaining('app | Building on w1, which is linux/386 …'), 0])
      expect(await (await fetch(`${gateway}/function/app`)).text()).toBe('i686\n')
      expect(await relays()).toEqual([])
      const built = await swarm.node('m1').docker.listImages({ filters: { reference: ['*/app'] } })
      expect(built).toEqual([])
    })

    it('has each kind built by a node of its own, and puts both under one name', async () => {
      writeApp('RUN uname -m > /www/index.html')
      const manager = ['--constraint', 'node.role==manager']
      const up = await skep(['up', '--remote', '--platforms', 'linux/386,linux/amd64', ...manager, ...app])
      expect([up.stderr, up.code]).toEqual([expect.stringContaining('linux/386: Building on w1, which is'), 0])
      const [, tag] =
        /^app: 127\.0\.0\.1:5000\/app:(\w+), built by the gateway for linux\/386, linux\/amd64$/m.exec(up.stdout) ?? []
      const headers = { Accept: 'application/vnd.docker.distribution.manifest.list.v2+json' }
      const list = await fetch(`${registry.url}/v2/app/manifests/${tag}`, { headers })
      expect(await list.json()).toMatchObject({
        manifests: [{ platform: { architecture: '386' } }, { platform: { architecture: 'amd64' } }],
      })
      expect(await (await fetch(`${gateway}/function/app`)).text()).toBe('x86_64\n')
    })

    const isRunning = () => isBuilding(swarm.node('w1'), 'sleep 86399')
    const isOver = async () => (await relays()).length === 0 && (await isRunning()) === false

    it('ends the build there when its caller goes away', async () => {
      writeApp('RUN sleep 86399')
      const caller = spawn(process.execPath, [resolve('cli/main.ts'), ...upRemote], {
        cwd: cli.path,
        env: { HOME: cli.path, OPENFAAS_URL: gateway },
        stdio: 'ignore',
      })
      await until(isRunning, 60_000)
      caller.kill('SIGKILL')
      await until(isOver, 60_000)
    })

    it('ends it when the gateway is killed, whose follower then clears up', async () => {
      writeApp('RUN sleep 86399')
      const up = skep(upRemote)
      await until(isRunning, 60_000)
      const manager = swarm.node('m1').docker
      const filters = { label: ['com.docker.swarm.service.name=gateway'] }
      for (const { Id } of await manager.listContainers({ filters })) await manager.getContainer(Id).kill()
      expect(await up).toMatchObject({ code: 1 })
      await until(isOver, 90_000)
    })
  },
)

async function load({ docker: node }: Node, tag: string): Promise<void> {
  await done(node, await node.loadImage(await docker().getImage(tag).get()))
}

/** The image `http` for that node's kind. */
async function makeOlder({ dockerHost }: Node, tag: string, folder: string): Promise<void> {
  mkdirSync(folder)
  writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nADD root.tar /')
  const container = await docker().createContainer({ Image: await baseImage('http') })
  await pipeline(await container.export(), createWriteStream(join(folder, 'root.tar')))
  await container.remove()
  const build = ['build', '--platform', 'linux/386', '--tag', tag, folder]
  await run('docker', build, { DOCKER_HOST: dockerHost, DOCKER_BUILDKIT: '0' })
}

interface BuildCache {
  readonly BuildCache: readonly { readonly InUse: boolean; readonly Description: string }[] | null
}

/** Whether that engine has a step with these words in work; undefined where it does not say, as it counts for somebody else. */
async function isBuilding({ docker: node }: Node, words: string): Promise<boolean | undefined> {
  const usage = (await node.df().catch(() => undefined)) as BuildCache | undefined
  if (!usage) return undefined
  return (usage.BuildCache ?? []).some(({ InUse, Description }) => InUse && Description.includes(words))
}

/** As the stack has it: a service on a manager, in the functions' network and in one that they are not in. */
async function startGateway({ docker: manager }: Node, registry: Registry): Promise<void> {
  const Secrets = []
  for (const [name, value] of Object.entries({ user: 'admin', password })) {
    const SecretName = `basic-auth-${name}`
    const secret = await manager.createSecret({ Name: SecretName, Data: Buffer.from(value).toString('base64') })
    const File = { Name: SecretName, UID: '0', GID: '0', Mode: 0o444 }
    Secrets.push({ SecretName, SecretID: secret.id, File })
  }
  const Networks = []
  for (const Name of ['skep-functions', 'inner']) {
    const network = await manager.createNetwork({ Name, Driver: 'overlay', Attachable: Name === 'skep-functions' })
    Networks.push({ Target: network.id })
  }
  await manager.createService({
    Name: 'gateway',
    EndpointSpec: { Mode: 'dnsrr', Ports: [{ TargetPort: 8080, PublishedPort: 8080, PublishMode: 'host' }] },
    TaskTemplate: {
      ContainerSpec: {
        Image: await gatewayImage(),
        Env: ['SKEP_PROVIDER=swarm', 'SKEP_REGISTRY=127.0.0.1:5000', `SKEP_REGISTRY_URL=${registry.url}`],
        User: '0:0',
        Secrets,
        Mounts: [{ Type: 'bind', Source: socketForContainers, Target: '/var/run/docker.sock' }],
      },
      Networks,
      Placement: { Constraints: ['node.role==manager'] },
    },
  })
}
