import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { baseImage } from '../helpers/engine.ts'
import { needs } from '../helpers/needs.ts'
import { startRegistry } from '../helpers/registry.ts'
import { startSwarm, type Swarm } from '../helpers/swarm.ts'
import { until } from '../helpers/until.ts'
import type { Node } from './node.ts'
import { done } from './progress.ts'

describe('three engines as one Swarm', { ...needs('swarm', 'docker', 'registry'), timeout: 180_000 }, () => {
  let swarm: Swarm
  beforeAll(async () => {
    swarm = await startSwarm('m1', 'w1', 'w2')
    await swarm.load(await baseImage('http'))
  })
  afterAll(() => swarm.down())

  it('answers from one node to another over an overlay network', async () => {
    const { docker } = swarm.node('m1')
    const network = await docker.createNetwork({ Name: 'hive', Driver: 'overlay', Attachable: true })
    const service = await docker.createService({
      Name: 'hello',
      TaskTemplate: {
        ContainerSpec: { Image: await baseImage('http'), Init: true },
        Placement: { Constraints: ['node.hostname==w1'] },
        Networks: [{ Target: network.id }],
      },
      EndpointSpec: { Mode: 'dnsrr' },
    })
    expect(await until(() => ask(swarm.node('w2'), 'hive', 'http://hello:8080/'))).toContain('hello')
    await service.remove()
  })

  it('has the images of a registry on this machine', async () => {
    const registry = await startRegistry(swarm.machineAddress)
    try {
      const image = await registry.push(swarm.node('m1').docker, await baseImage('http'))
      const { docker } = swarm.node('w2')
      await done(docker, await docker.pull(image))
      expect(await docker.getImage(image).inspect()).toMatchObject({ RepoTags: expect.arrayContaining([image]) })
    } finally {
      await registry.stop()
    }
  })

  it('misses nodes whose plug is pulled or whose power is gone, and has them back afterwards', async () => {
    const [cut, dark] = [swarm.node('w1'), swarm.node('w2')]
    await Promise.all([cut.cut(), dark.powerOff()])
    expect(await until(() => areWorkers(swarm, 'down'), 60_000)).toBe(true)
    await Promise.all([cut.heal(), dark.start()])
    expect(await until(() => areWorkers(swarm, 'ready'), 60_000)).toBe(true)
  })
})

/** What a container on that node and network hears from the address; nothing if it does not answer. */
async function ask({ docker }: Node, network: string, url: string): Promise<string | undefined> {
  const output = new PassThrough()
  const command = ['timeout', '5', 'wget', '-qO-', url]
  const options = { Tty: true, HostConfig: { NetworkMode: network } }
  const [{ StatusCode }, container] = await docker.run(await baseImage('http'), command, output, options)
  await container.remove()
  return StatusCode === 0 ? String(output.read()) : undefined
}

async function areWorkers(swarm: Swarm, state: string): Promise<boolean> {
  const nodes: { Spec: { Role: string }; Status: { State: string } }[] = await swarm.node('m1').docker.listNodes()
  return nodes.every(({ Spec, Status }) => Spec.Role === 'manager' || Status.State === state)
}
