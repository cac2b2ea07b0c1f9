import { afterEach, describe, expect, it } from 'vitest'
import type { Provider } from '../../gateway/core/ports.ts'
import { ask, askSoon, type Site, useSite } from '../contract/provider-site.ts'
import { docker } from '../helpers/engine.ts'
import { needs } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'
import { dockerGround } from './docker-ground.ts'
import { wireToEngine, type Wire } from './docker-wire.ts'

describe('docker: the engine away', needs('docker'), () => {
  let wire: Wire
  const site = useSite('docker', async () => {
    wire = await wireToEngine()
    const ground = await dockerGround({ host: wire.host })
    return { ...ground, close: () => Promise.all([ground.close?.(), wire.cut()]).then(() => {}) }
  })
  afterEach(() => wire.mend())

  const containerOf = (gateway: string, replica: string) => docker().getContainer(`${gateway}-${replica}`)
  const gatewayOf = ({ ground }: Site): string => (ground.options as { gateway: string }).gateway

  it('every call that needs it says so, and warm replicas go on answering', async () => {
    const { provider, run, revision, replicaOf, events } = site()
    const made = await run('probe')
    const replica = await replicaOf(made)
    expect(await askSoon(replica, '/')).toBe('hello')
    await wire.cut()
    for (const call of callsOf(provider, made)) {
      await expect(call()).rejects.toMatchObject({ code: 'provider_unavailable', hint: expect.any(String) })
    }
    await expect(provider.prepare(revision('probe'), () => {})).rejects.toMatchObject({ code: 'provider_unavailable' })
    expect(await ask(replica, '/')).toBe('hello')
    expect(events.map(({ type }) => type)).toEqual(['up'])
  })

  it('that does not even refuse is away as well, soon', async () => {
    const { provider, run, revision } = site()
    const [made, idle] = [await run('probe'), revision('probe')]
    wire.hang()
    const waits = [...callsOf(provider, made), () => provider.scale(idle, 1)].map(async (call) => {
      const start = performance.now()
      await expect(call()).rejects.toMatchObject({ code: 'provider_unavailable' })
      return performance.now() - start
    })
    // The promise is 2 s; the rest is for a busy machine.
    for (const ms of await Promise.all(waits)) expect(ms).toBeLessThan(4000)
  })

  it('and back after it hung: nothing is left of a start that was given up', async () => {
    const { provider, revision, replicasOf, ground } = site()
    const made = revision('probe')
    await provider.prepare(made, () => {})
    wire.hang()
    await expect(provider.scale(made, 1)).rejects.toMatchObject({ code: 'provider_unavailable' })
    await wire.mend()
    await until(async () => (await ground.leftovers(made)).length === 1) // the volume that remembers it
    const started = () =>
      provider.scale(made, 1).then(
        () => true,
        () => false, // on a machine that is very busy this one may be given up as well
      )
    await until(started)
    expect(await replicasOf(made)).toHaveLength(1)
  })

  it('and back: what ended meanwhile is told, and what did not is known still', async () => {
    const { run, replicaOf, replicasOf, gone, events } = site()
    const [ended, alive] = [await run('probe'), await run('probe')]
    const [first, second] = [await replicaOf(ended), await replicaOf(alive)]
    await askSoon(first, '/')
    await wire.cut()
    await ask(first, '/exit?n=5&text=while+nobody+looked')
    await containerOf(gatewayOf(site()), first.id).wait()
    await wire.mend()
    expect((await gone(first)).reason).toContain('while nobody looked')
    await until(async () => (await replicasOf(alive).catch(() => [])).length === 1)
    expect(events.filter(({ type }) => type === 'gone')).toHaveLength(1)
    expect(await askSoon(second, '/')).toBe('hello')
  })

  it('and back: what was removed meanwhile is told', async () => {
    const { run, replicaOf, gone } = site()
    const replica = await replicaOf(await run('probe'))
    await wire.cut()
    await containerOf(gatewayOf(site()), replica.id).remove({ force: true })
    await wire.mend()
    expect((await gone(replica)).reason).toBe('It was removed.')
  })

  it('when the gateway starts: it finds its replicas as soon as the engine is back', async () => {
    const { run, replicaOf, letGo, reopen, events } = site()
    const made = await run('probe')
    const replica = await replicaOf(made)
    await letGo()
    await wire.cut()
    const provider = await reopen()
    await expect(provider.revisions()).rejects.toMatchObject({ code: 'provider_unavailable' })
    events.length = 0
    await wire.mend()
    await until(() => events.length > 0)
    expect(events).toEqual([{ type: 'up', replica }])
  })
})

function callsOf(provider: Provider, made: Parameters<Provider['scale']>[0]): (() => Promise<unknown>)[] {
  return [
    () => provider.revisions(),
    () => provider.replicas(),
    () => provider.scale(made, 2),
    () => provider.scale(made, 0),
    () => provider.remove(made),
    () => readAll(provider, made.function),
  ]
}

async function readAll(provider: Provider, key: string): Promise<void> {
  const query = { function: key, follow: false, signal: AbortSignal.timeout(30_000) }
  for await (const _ of provider.logs(query)) continue
}
