import { basename } from 'node:path'
import Docker from 'dockerode'
import { describe, expect, it } from 'vitest'
import { baseImage, docker } from '../helpers/engine.ts'
import { needs } from '../helpers/needs.ts'
import { startRegistry } from '../helpers/registry.ts'
import { until } from '../helpers/until.ts'
import { answers, connection } from './docker-host.ts'
import { engineHome, killDaemon, powerOff, runDaemon, startEngine, stopEngine, type Engine } from './engine.ts'
import { readFirewall } from './firewall.ts'
import { provideImage } from './images.ts'
import { planNetwork } from './network.ts'
import { ownedFolder } from './private-engine.ts'
import { done } from './progress.ts'
import { run } from './shell.ts'

describe('the engine that tests use', needs('docker'), () => {
  it('runs containers whose addresses the tests reach', async () => {
    const { container, url } = await serve(docker(), await baseImage('http'))
    expect(await hear(url)).toBe('hello\n')
    await container.remove({ force: true })
  })

  it('pushes to a registry of the test and pulls from it', needs('registry'), async () => {
    const registry = await startRegistry()
    try {
      const image = await registry.push(docker(), await baseImage('http'))
      expect(await (await fetch(`${registry.url}/v2/_catalog`)).json()).toEqual({ repositories: ['skep-test/http'] })
      await done(docker(), await docker().pull(image))
      await docker().getImage(image).remove()
    } finally {
      await registry.stop()
    }
  })
})

describe('one more engine beside it', needs('swarm', 'docker'), () => {
  it('crashes, loses its power, works again and leaves no trace', async () => {
    const engine = await startEngine(ownedFolder(), await planNetwork())
    const client = new Docker(connection(engine.dockerHost))
    const { url } = await serve(client, await provideImage(client, 'http'))
    await killDaemon(engine.folder)
    expect(await answers(engine.dockerHost)).toBe(false)
    expect(await hear(url)).toBe('hello\n')
    await powerOff(engine.folder)
    expect(await hear(url)).toBeUndefined()
    await runDaemon(engine)
    expect(await client.listContainers({ all: true })).toMatchObject([{ State: 'exited' }])
    expect(await tracesOf(engine)).not.toEqual([])
    await stopEngine(engine.folder)
    expect(await tracesOf(engine)).toEqual([])
  })
})

/** What an engine could leave behind on a machine: rules, routes, namespaces, mounts, control groups, files. */
async function tracesOf({ folder, network }: Engine): Promise<string[]> {
  const { filter, nat } = (await readFirewall()).rules
  const printed = await Promise.all([
    run('ip', ['route']),
    run('ip', ['netns', 'list']),
    run('mount', []),
    run('find', ['/sys/fs/cgroup', '-name', `*${basename(folder)}*`]),
    run('ls', [engineHome]),
  ])
  const lines = [...filter, ...nat, ...printed.flatMap((text) => text.split('\n'))]
  const names = [basename(folder), `${network.prefix}.`, ...(network.namespace ? [network.namespace] : [])]
  return lines.filter((line) => names.some((name) => line.includes(name)))
}

/** Runs an image that answers on port 8080; resolves when it does. */
async function serve(client: Docker, image: string): Promise<{ container: Docker.Container; url: string }> {
  const container = await client.createContainer({ Image: image })
  await container.start()
  const { NetworkSettings } = await container.inspect()
  const url = `http://${NetworkSettings.Networks['bridge']?.IPAddress}:8080/`
  await until(() => hear(url))
  return { container, url }
}

async function hear(url: string): Promise<string | undefined> {
  return fetch(url, { signal: AbortSignal.timeout(2000) }).then(
    (response) => response.text(),
    () => undefined,
  )
}
