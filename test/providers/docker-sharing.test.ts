import { describe, expect, it } from 'vitest'
import { providers } from '../../gateway/providers/index.ts'
import type { DockerOptions } from '../../gateway/providers/docker.ts'
import { askSoon, useSite } from '../contract/provider-site.ts'
import { ownEngine } from '../helpers/docker-host.ts'
import { docker } from '../helpers/engine.ts'
import { needs, notRun } from '../helpers/needs.ts'
import { dockerGround, removeEverythingOf } from './docker-ground.ts'
import { smallImage } from './docker-images.ts'

describe('docker: two gateways on one engine', needs('docker'), () => {
  const site = useSite('docker', () => dockerGround())

  it('do not see each other’s functions, also when these have the same name', async () => {
    const { run, replicaOf, ground, events } = site()
    const made = await run('probe')
    const replica = await replicaOf(made)
    const gateway = `${(ground.options as DockerOptions).gateway}-too`
    const other = await providers.docker({ ...ground.options, gateway })
    try {
      expect([await other.revisions(), await other.replicas()]).toEqual([[], []])
      await other.prepare(made, () => {})
      await other.scale(made, 2)
      await other.remove(made)
      expect(await replicaOf(made)).toEqual(replica)
      expect(events.map(({ type }) => type)).toEqual(['up'])
    } finally {
      await other.close()
      await removeEverythingOf(gateway)
    }
  })

  it('join the functions’ network when they are containers themselves', async () => {
    const { run, ground } = site()
    await run('probe', {}, 0)
    const { gateway = '' } = ground.options as DockerOptions
    const self = await docker().createContainer({ Image: await smallImage('gateway', []), Cmd: ['sleep', '1000'] })
    await self.start()
    try {
      const provider = await providers.docker({ ...ground.options, self: self.id })
      await provider.close()
      const again = await providers.docker({ ...ground.options, self: self.id })
      await again.close()
      const { NetworkSettings } = await self.inspect()
      expect(Object.keys(NetworkSettings.Networks).toSorted()).toEqual(['bridge', gateway])
    } finally {
      await self.remove({ force: true })
    }
  })
})

const elsewhere = ownEngine?.network.namespace && 'the engine publishes its ports in a network namespace of its own'

for (const spares of [0, 1]) {
  describe(
    `docker: published ports with ${spares} spare networks`,
    { ...needs('docker'), ...notRun(elsewhere) },
    () => {
      const site = useSite('docker', () => dockerGround({ reach: 'published', spares }))

      it('lead to the replicas, on loopback only', async () => {
        const { run, replicasOf } = site()
        const replicas = await replicasOf(await run('probe', {}, 2))
        expect(replicas.map(({ address }) => address.host)).toEqual(['127.0.0.1', '127.0.0.1'])
        expect(await Promise.all(replicas.map((replica) => askSoon(replica, '/')))).toEqual(['hello', 'hello'])
      })
    },
  )
}
