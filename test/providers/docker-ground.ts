import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { label } from '../../gateway/providers/engine/labels.ts'
import type { DockerOptions } from '../../gateway/providers/docker.ts'
import type { Ground } from '../contract/provider-site.ts'
import { dockerHost } from '../helpers/docker-host.ts'
import { docker } from '../helpers/engine.ts'
import { buildTemplate } from '../helpers/runtime-image.ts'
import { until } from '../helpers/until.ts'

const functions = fileURLToPath(new URL('../fixtures/functions', import.meta.url))

/** What the Docker provider brings to the contract: a gateway's name of its own on the tests' engine. */
export async function dockerGround(options: Partial<DockerOptions> = {}): Promise<Ground<'docker'>> {
  const gateway = `skep-${crypto.randomUUID().slice(0, 8)}`
  return {
    options: { host: dockerHost ?? '', gateway, ...options },
    specs: {
      probe: { image: await functionImage('probe') },
      crash: { image: await functionImage('crash') },
      missing: { image: 'NoSuchImage' },
    },
    leftovers: ({ id }) => everythingWith({ [label.gateway]: gateway, [label.revision]: id }),
    close: () => removeEverythingOf(gateway),
  }
}

/** An image of a fixture, as the node template makes it. */
export const functionImage = (fixture: 'probe' | 'crash'): Promise<string> =>
  buildTemplate('node', join(functions, fixture), { BASE_IMAGE: 'node' })

/** Names of the containers and volumes with these labels. */
export async function everythingWith(labels: Record<string, string>): Promise<string[]> {
  const filters = { label: Object.entries(labels).map(([key, value]) => `${key}=${value}`) }
  const containers = await docker().listContainers({ all: true, filters })
  const { Volumes } = await docker().listVolumes({ filters })
  return [...containers.map(({ Names }) => Names[0] ?? ''), ...(Volumes ?? []).map(({ Name }) => Name)]
}

/** What the gateway was making or ending when it was stopped still comes and goes for a moment. */
export async function removeEverythingOf(gateway: string): Promise<void> {
  const filters = { label: [`${label.gateway}=${gateway}`] }
  await until(async () => {
    const containers = await docker().listContainers({ all: true, filters })
    await Promise.all(containers.map(({ Id }) => asked(docker().getContainer(Id).remove({ force: true, v: true }))))
    const volumes = (await docker().listVolumes({ filters })).Volumes ?? []
    await Promise.all(volumes.map(({ Name }) => asked(docker().getVolume(Name).remove())))
    const networks = await docker().listNetworks({ filters })
    await Promise.all(networks.map(({ Id }) => asked(docker().getNetwork(Id).remove())))
    return containers.length + volumes.length + networks.length === 0
  })
}

/** It may be gone already (404), on its way (409) or still in use (403, 409): the next look shows. */
async function asked(removal: Promise<unknown>): Promise<void> {
  try {
    await removal
  } catch (error) {
    const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
    if (![403, 404, 409].includes(Number(status))) throw error
  }
}
