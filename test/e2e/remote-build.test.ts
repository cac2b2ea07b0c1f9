import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliFolder, type CliFolder, type CliResult } from '../helpers/cli.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { baseImage, docker } from '../helpers/engine.ts'
import { TestGateway } from '../helpers/gateway.ts'
import { needs } from '../helpers/needs.ts'
import { startRegistry, type Registry } from '../helpers/registry.ts'
import { reachOverlay } from '../helpers/overlay.ts'
import { startSwarm, type Swarm } from '../helpers/swarm.ts'
import { until } from '../helpers/until.ts'
import { removeEverythingOf } from '../providers/docker-ground.ts'

/** A folder with the CLI, on a machine that has no engine. */
class Laptop {
  readonly folder: CliFolder = cliFolder()
  readonly gateway: TestGateway

  constructor(gateway: TestGateway) {
    this.gateway = gateway
  }

  get env() {
    return { DOCKER_HOST: 'unix:///nowhere', OPENFAAS_URL: this.gateway.url, SKEP_DATA: this.gateway.dataDir }
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.folder.path, path)), { recursive: true })
    writeFileSync(join(this.folder.path, path), content)
  }

  skep(...args: string[]): Promise<CliResult> {
    return this.folder.skep(args, { env: this.env })
  }
}

const app = ['--name', 'app', '--lang', 'dockerfile', '--handler', 'app']
const hello = ['--name', 'hello', '--lang', 'node', '--handler', 'hello']

interface BuildCache {
  readonly BuildCache: readonly { readonly InUse: boolean; readonly Description: string }[] | null
}

/** Whether a step with these words is running in the engine; undefined: it did not say, as it counts for one at a time. */
const isRunning = async (words: string): Promise<boolean | undefined> => {
  const usage = (await docker()
    .df()
    .catch(() => undefined)) as BuildCache | undefined
  if (!usage) return undefined
  const { BuildCache } = usage
  const steps = (BuildCache ?? []).filter(({ InUse, Description }) => InUse && Description.includes(words))
  const containers = (await docker().listContainers()).filter(({ Command }) => Command.includes(words))
  return steps.length + containers.length > 0
}

/** How each of an engine's builders is chosen, and what it says. */
const builders = {
  BuildKit: { settings: {}, firstStep: /^hello \| \[1\/6\] FROM/m, mount: '--mount=type=cache,target=/cache' },
  'the classic builder': { settings: { DOCKER_BUILDKIT: '0' }, firstStep: /^hello \| Step 1\//m, mount: '' },
}

describe.each(Object.entries(builders))(
  'a laptop without Docker, and %s',
  { ...needs('docker', 'registry'), timeout: 120_000 },
  (_, builder) => {
    const instance = `skep-${crypto.randomUUID().slice(0, 8)}`
    const runaway = `sleep 86${String(Date.now()).slice(-6)}`
    let registry: Registry
    let laptop: Laptop
    beforeAll(async () => {
      registry = await startRegistry()
      const gateway = await TestGateway.start({
        SKEP_PROVIDER: 'docker',
        SKEP_INSTANCE: instance,
        SKEP_REGISTRY: registry.host,
        DOCKER_HOST: dockerHost ?? '',
        ...builder.settings,
      })
      laptop = new Laptop(gateway)
    })
    afterAll(async () => {
      laptop.folder.remove()
      await laptop.gateway.stop()
      await registry.stop()
      await removeEverythingOf(instance)
    })

    it('has the gateway build, push and deploy', async () => {
      laptop.write('hello/handler.js', 'module.exports = () => "built far away"')
      const base = await baseImage('node')
      const up = await laptop.skep('up', '--remote', '-b', `BASE_IMAGE=${base}`, ...hello)
      expect(up.stderr).toMatch(builder.firstStep)
      expect(up.stderr).toMatch(/^hello \| Pushing /m)
      expect(up).toMatchObject({ code: 0, stdout: expect.stringMatching(/^hello: \S+\/hello:[0-9a-f]{12}, built by/) })
      expect(await (await laptop.gateway.call('hello')).text()).toBe('built far away')
      expect(await (await fetch(`${registry.url}/v2/_catalog`)).json()).toEqual({ repositories: ['hello'] })
    })

    it('deploys the last of several stages', async () => {
      laptop.write('app/index.html', 'made in another stage')
      laptop.write(
        'app/Dockerfile',
        `FROM ${await baseImage('busybox')} AS made
RUN ${builder.mount} mkdir -p /cache /made && touch /cache/used
COPY index.html /made/
FROM ${await baseImage('http')}
COPY --from=made /made /www`,
      )
      expect(await laptop.skep('up', '--remote', ...app)).toMatchObject({ code: 0 })
      expect(await (await laptop.gateway.call('app')).text()).toBe('made in another stage')
    })

    it('hears the last lines of a build that fails', async () => {
      laptop.write('app/Dockerfile', `FROM ${await baseImage('busybox')}\nRUN echo the reason && exit 3`)
      const { code, stderr } = await laptop.skep('up', '--remote', '--quiet', ...app)
      expect(code).toBe(1)
      expect(stderr).toMatch(/error: The image of app was not built: .* code: 3\.\n[^]*^ {2}the reason$/m)
    })

    it('ends the build when it goes away', async () => {
      laptop.write('app/Dockerfile', `FROM ${await baseImage('busybox')}\nRUN ${runaway}`)
      const cli = spawn(process.execPath, [resolve('cli/main.ts'), 'build', '--remote', ...app], {
        cwd: laptop.folder.path,
        env: { ...laptop.env, HOME: laptop.folder.path },
        stdio: 'ignore',
      })
      await until(() => isRunning(runaway))
      cli.kill('SIGKILL')
      await until(async () => (await isRunning(runaway)) === false)
      await until(() => readdirSync(join(laptop.gateway.dataDir, 'builds')).length === 0)
    })

    it('is told what is wrong with what it sends, and nothing is built', async () => {
      const send = async (build: string, body: string | Uint8Array<ArrayBuffer>): Promise<string> => {
        const headers = { Authorization: laptop.gateway.authorization, 'X-Skep-Build': build }
        return (await fetch(`${laptop.gateway.url}/system/builds`, { method: 'POST', headers, body })).text()
      }
      expect(await send('{"name":"../x"}', 'tar')).toContain('"code":"invalid_request"')
      expect(await send('{"name":"x"', 'tar')).toContain('The header X-Skep-Build is not JSON.')
      expect(await send('{"name":"x"}', 'x'.repeat(2000))).toContain('What was sent is no tar archive')
      expect(await send('{"name":"x"}', new Uint8Array(2e8))).toContain('"code":"body_too_large"')
    })
  },
)

describe('a laptop with a gateway of processes', () => {
  it('has its folder run there', async () => {
    const laptop = new Laptop(await TestGateway.start())
    try {
      laptop.write('hello/handler.js', 'module.exports = () => "from another machine"')
      expect(await laptop.skep('up', '--remote', ...hello)).toMatchObject({ code: 0 })
      laptop.folder.remove()
      expect(await (await laptop.gateway.call('hello')).text()).toBe('from another machine')
      await laptop.gateway.admin('DELETE', '/system/functions', { functionName: 'hello' })
    } finally {
      await laptop.gateway.stop()
    }
  })
})

describe('a laptop with a Swarm', { ...needs('docker', 'swarm', 'registry'), timeout: 180_000 }, () => {
  let swarm: Swarm
  let registry: Registry
  let laptop: Laptop
  beforeAll(async () => {
    swarm = await startSwarm('m1', 'w1')
    registry = await startRegistry(swarm.machineAddress)
    const manager = swarm.node('m1')
    await swarm.load(await baseImage('node'), await baseImage('busybox'))
    await manager.docker.createNetwork({ Name: 'skep-functions', Driver: 'overlay', Attachable: true })
    await reachOverlay(manager, 'skep-functions')
    const gateway = await TestGateway.start({
      SKEP_PROVIDER: 'swarm',
      SKEP_REGISTRY: registry.host,
      DOCKER_HOST: manager.dockerHost,
    })
    laptop = new Laptop(gateway)
  }, 300_000)
  afterAll(async () => {
    laptop.folder.remove()
    await laptop.gateway.stop()
    await registry.stop()
    await swarm.down()
  })

  it('has a manager build what a worker then runs', async () => {
    laptop.write('hello/handler.js', 'module.exports = () => "built by a manager"')
    laptop.write('stack.yml', stackOf({ lang: 'node', handler: 'hello', constraints: ['node.role == worker'] }))
    expect(await laptop.skep('up', '--remote', '-b', `BASE_IMAGE=${await baseImage('node')}`)).toMatchObject({
      code: 0,
    })
    expect(await (await laptop.gateway.call('hello')).text()).toBe('built by a manager')
    const answer = await laptop.gateway.admin('GET', '/system/nodes')
    const nodes = (await answer.json()) as { role: string; replicas: number }[]
    expect(nodes).toMatchObject([
      { role: 'manager', replicas: 0 },
      { role: 'worker', replicas: 1 },
    ])
  })
})

const stackOf = (hello: object): string => JSON.stringify({ provider: { name: 'openfaas' }, functions: { hello } })
