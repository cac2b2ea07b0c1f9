import { basename } from 'node:path'
import Docker from 'dockerode'
import { describe, expect, it } from 'vitest'
import { baseImage, docker } from '../helpers/engine.ts'
import { needs } from '../helpers/needs.ts'
import { startRegistry } from '../helpers/registry.ts'
import { until } from '../helpers/until.ts'
import { connection } from './docker-host.ts'
import { engineHome, powerOff, runDaemon, startEngine, stopEngine, type Engine } from './engine.ts'
import { readFirewall } from './firewall.ts'
import { provideImage } from './images.ts'
import { planNetwork } from './network.ts'
import { ownedFolder } from './private-engine.ts'
import { done } from './progress.ts'
import { run } from './shell.ts'

describe('the engine that tests use', needs('docker'), () => {
  it('runs containers whose addresses the tests reach', async () => {
    expect(await answerOf(docker(), await baseImage('http'))).toBe('hello\n')
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
  it('works, loses its power, works again and leaves no trace', async () => {
    const engine = await startEngine(ownedFolder(), await planNetwork())
    const client = new Docker(connection(engine.dockerHost))
    const image = await provideImage(client, 'http')
    expect(await answerOf(client, image)).toBe('hello\n')
    await powerOff(engine.folder)
    await expect(client.ping()).rejects.toThrow('ECONNREFUSED')
    await runDaemon(engine)
    expect(await answerOf(client, image)).toBe('hello\n')
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

async function answerOf(client: Docker, image: string): Promise<string> {
  const container = await client.createContainer({ Image: image })
  try {
    await container.start()
    const { NetworkSettings } = await container.inspect()
    const url = `http://${NetworkSettings.Networks['bridge']?.IPAddress}:8080/`
    return await until(() =>
      fetch(url)
        .then((response) => response.text())
        .catch(() => ''),
    )
  } finally {
    await container.remove({ force: true })
  }
}
