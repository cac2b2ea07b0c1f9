import type { ContainerInfo } from 'dockerode'
import { describe, expect, it } from 'vitest'
import { label } from '../../gateway/providers/engine/labels.ts'
import type { DockerOptions } from '../../gateway/providers/docker.ts'
import { askSoon, type Site, useSite } from '../contract/provider-site.ts'
import { docker } from '../helpers/engine.ts'
import { needs } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'
import { dockerGround } from './docker-ground.ts'

describe('docker: spare networks', needs('docker'), () => {
  const site = useSite('docker', () => dockerGround())

  it('are there before a function needs one, and are made anew when one was taken', async () => {
    const [spare] = await holders(site(), 1)
    const { run, replicaOf } = site()
    const replica = await replicaOf(await run('probe'))
    expect(await networkOf(site(), replica.id)).toBe(`container:${spare?.Id}`)
    expect(await askSoon(replica, '/')).toBe('hello')
    await holders(site(), 2)
  })

  it('are used again when their replica is gone, and surplus ones go', async () => {
    const [spare] = await holders(site(), 1)
    const { provider, run, replicaOf } = site()
    const made = await run('probe')
    await provider.scale(made, 0)
    await provider.scale(made, 2)
    await holders(site(), 2)
    await provider.scale(made, 0)
    await holders(site(), 1)
    await provider.scale(made, 1)
    expect(await networkOf(site(), (await replicaOf(made)).id)).toMatch(/^container:/)
    expect(spare).toBeDefined()
  })

  it('that end take their replica with them, which is told, and another can start', async () => {
    const { provider, run, replicaOf, gone } = site()
    const [spare] = await holders(site(), 1)
    const made = await run('probe')
    const replica = await replicaOf(made)
    await docker()
      .getContainer(spare?.Id ?? '')
      .kill()
    expect((await gone(replica)).reason).toBe('It lost its network: the holder of it ended.')
    await provider.scale(made, 1)
    expect(await askSoon(await replicaOf(made), '/')).toBe('hello')
  })

  it('that ended unnoticed do not keep a function from starting', async () => {
    const { run, replicaOf } = site()
    const [spare] = await holders(site(), 1)
    const starting = run('probe')
    await docker()
      .getContainer(spare?.Id ?? '')
      .remove({ force: true })
    const made = await starting
    expect(await until(async () => askSoon(await replicaOf(made), '/').catch(() => undefined))).toBe('hello')
  })

  it('are taken over by a gateway that comes back', async () => {
    const [spare] = await holders(site(), 1)
    const { letGo, reopen, run, replicaOf } = site()
    await letGo()
    await reopen()
    const replica = await replicaOf(await run('probe'))
    expect(await networkOf(site(), replica.id)).toBe(`container:${spare?.Id}`)
  })

  it('have no rights either', async () => {
    const [spare] = await holders(site(), 1)
    const { Config, HostConfig } = await docker()
      .getContainer(spare?.Id ?? '')
      .inspect()
    expect(Config.User).toBe('65534:65534')
    expect(HostConfig).toMatchObject({
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      ReadonlyRootfs: true,
    })
  })
})

describe('docker: without spare networks', needs('docker'), () => {
  const site = useSite('docker', () => dockerGround({ spares: 0 }))

  it('a function gets its own when it starts', async () => {
    const { run, replicaOf } = site()
    const replica = await replicaOf(await run('probe'))
    expect(await networkOf(site(), replica.id)).toBe(gatewayOf(site()))
    expect(await askSoon(replica, '/')).toBe('hello')
    await holders(site(), 0)
  })
})

const gatewayOf = ({ ground }: Site): string => (ground.options as DockerOptions).gateway ?? ''

/** Waits until so many run. */
const holders = (site: Site, count: number): Promise<ContainerInfo[]> =>
  until(async () => {
    const filters = { label: [`${label.gateway}=${gatewayOf(site)}`, `${label.role}=holder`] }
    const found = await docker().listContainers({ filters })
    return found.length === count ? found : undefined
  })

async function networkOf(site: Site, replica: string): Promise<string | undefined> {
  const { HostConfig } = await docker()
    .getContainer(`${gatewayOf(site)}-${replica}`)
    .inspect()
  return HostConfig.NetworkMode
}
