import { resolve } from 'node:path'
import { TestGateway } from '../helpers/gateway.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { baseImage } from '../helpers/engine.ts'
import { reachOverlay } from '../helpers/overlay.ts'
import { type Registry, startRegistry } from '../helpers/registry.ts'
import { buildTemplate } from '../helpers/runtime-image.ts'
import { startSwarm, type Swarm } from '../helpers/swarm.ts'
import { removeEverythingOf } from '../providers/docker-ground.ts'
import { pushFrom } from '../providers/swarm-ground.ts'

/** A gateway, and how its place is asked for functions. */
export interface DeploySite {
  readonly gateway: TestGateway
  /** Of the body of a deploy: test/fixtures/functions/steady, and something that is not there. */
  readonly steady: object
  readonly missing: object
  /** Whether that function can speak WebSocket there. */
  readonly webSocket: boolean
  close(): Promise<void>
}

export const sites = { process: processSite, docker: dockerSite, swarm: labSite } satisfies Record<
  string,
  () => Promise<DeploySite>
>

const folder = resolve('test/fixtures/functions/steady')

const steadyImage = (): Promise<string> => buildTemplate('dockerfile', folder, { BASE_IMAGE: 'node' })

async function processSite(): Promise<DeploySite> {
  const gateway = await TestGateway.start({ SKEP_PROVIDER: 'process' })
  return {
    gateway,
    steady: { image: `dir:${folder}`, runtime: 'node' },
    missing: { image: `dir:${folder}/nowhere`, runtime: 'node' },
    webSocket: false, // the language servers have none
    close: () => gateway.stop(),
  }
}

async function dockerSite(): Promise<DeploySite> {
  const image = await steadyImage()
  const instance = `skep-${crypto.randomUUID().slice(0, 8)}`
  const settings = { SKEP_PROVIDER: 'docker', SKEP_INSTANCE: instance, DOCKER_HOST: dockerHost ?? '' }
  const gateway = await TestGateway.start(settings)
  return {
    gateway,
    steady: { image },
    missing: { image: '127.0.0.1:9/nobody/there:1' },
    webSocket: true,
    async close() {
      await gateway.stop()
      await removeEverythingOf(instance)
    },
  }
}

/** A Swarm of three nodes, for this alone. */
async function labSite(): Promise<DeploySite> {
  const swarm = await startSwarm('m1', 'w1', 'w2')
  const registry = await startRegistry(swarm.machineAddress)
  await swarm.load(await baseImage('busybox'))
  const site = await swarmSite(swarm, registry)
  return {
    ...site,
    async close() {
      await site.close()
      await registry.stop()
      await swarm.down()
    },
  }
}

/** A gateway of its own in a Swarm that is there. */
export async function swarmSite(swarm: Swarm, registry: Registry): Promise<DeploySite> {
  const manager = swarm.node('m1')
  const image = await pushFrom(manager, registry, await steadyImage())
  const settings = { SKEP_PROVIDER: 'swarm', SKEP_INSTANCE: 'steady', DOCKER_HOST: manager.dockerHost }
  const gateway = await TestGateway.start(settings)
  await reachOverlay(manager, 'steady-functions')
  return {
    gateway,
    steady: { image },
    missing: { image: `${registry.host}/nobody/there:1` },
    webSocket: true,
    close: () => gateway.stop(),
  }
}
