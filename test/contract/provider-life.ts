import { describe, expect, it } from 'vitest'
import { SkepError } from '../../gateway/core/errors.ts'
import { notRun } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'
import type { Cannot } from './cannot.ts'
import { ask, askSoon, type Site } from './provider-site.ts'

/** From prepare to running, growing, pausing. */
export function describeLife(site: () => Site, cannot: Cannot): void {
  describe('prepare', () => {
    it('remembers the revision with its whole spec, its digest, who made it and why', async () => {
      const { provider, revision } = site()
      const asked = revision('probe', { environment: { GREETING: 'zwölf "Boxer"\n' }, labels: { team: 'bees' } })
      const digest = await provider.digestOf?.(asked.spec, () => {})
      const made = { ...asked, digest, message: 'Speaks "Plattdüütsch"', by: 'ann' }
      await provider.prepare(made, () => {})
      expect((await provider.revisions()).filter(({ id }) => id === made.id)).toEqual([made])
      expect(await site().replicasOf(made)).toEqual([])
    })

    it('names what an image is: the same as long as it does not change', async () => {
      const { provider, revision } = site()
      const digest = async (fixture: 'probe' | 'crash') => provider.digestOf?.(revision(fixture).spec, () => {})
      const first = await digest('probe')
      expect(first).toMatch(/sha256:[0-9a-f]{64}$/)
      expect(await digest('probe')).toBe(first)
      expect(await digest('crash')).not.toBe(first)
    })

    it('does no harm when it is asked again', async () => {
      const { provider, run } = site()
      const made = await run('probe')
      await provider.prepare(made, () => {})
      expect((await provider.revisions()).filter(({ id }) => id === made.id)).toEqual([made])
      expect(await site().replicasOf(made)).toHaveLength(1)
    })

    it('refuses what does not exist, says what to do, and remembers nothing', async () => {
      const { provider, revision } = site()
      const made = revision('missing')
      const refused = await provider.prepare(made, () => {}).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(SkepError)
      expect(refused).toMatchObject({ code: 'invalid_request', hint: expect.any(String) })
      expect((refused as SkepError).message).toContain(made.spec.image.replace(/^dir:/, ''))
      expect((await provider.revisions()).map(({ id }) => id)).not.toContain(made.id)
      expect(await site().ground.leftovers(made)).toEqual([])
    })

    it('refuses a secret that nobody can give it, by name', async () => {
      const { provider, revision } = site()
      const made = revision('probe', { secrets: ['no-such-secret'] })
      await expect(provider.prepare(made, () => {})).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('no-such-secret'),
      })
    })
  })

  describe('scale', () => {
    it('starts replicas that answer at the addresses of their up events', async () => {
      const { events, run, replicasOf } = site()
      const made = await run('probe', {}, 2)
      const up = events.flatMap((event) => (event.type === 'up' ? [event.replica] : []))
      expect(up.map(({ revision, paused }) => [revision, paused])).toEqual([
        [made.id, false],
        [made.id, false],
      ])
      expect(await Promise.all(up.map((replica) => askSoon(replica, '/')))).toEqual(['hello', 'hello'])
      expect((await replicasOf(made)).map(({ id }) => id).toSorted()).toEqual(up.map(({ id }) => id).toSorted())
      expect(new Set(up.map(({ address }) => `${address.host}:${address.port}`)).size).toBe(2)
    })

    it('changes nothing when there are that many already', async () => {
      const { provider, events, run } = site()
      const made = await run('probe', {}, 2)
      await provider.scale(made, 2)
      expect(events.map(({ type }) => type)).toEqual(['up', 'up'])
    })

    it('does not start one too many when it is asked twice at once', async () => {
      const { provider, revision, replicasOf } = site()
      const made = revision('probe')
      await provider.prepare(made, () => {})
      await Promise.all([provider.scale(made, 1), provider.scale(made, 1)])
      expect(await replicasOf(made)).toHaveLength(1)
    })

    it('keeps revisions of a function and functions of other namespaces apart', async () => {
      const { provider, revision, run, replicasOf } = site()
      const first = await run('probe')
      const second = revision('probe', { name: first.spec.name }, 2)
      const elsewhere = revision('probe', { name: first.spec.name, namespace: 'other' })
      for (const made of [second, elsewhere]) await provider.prepare(made, () => {})
      await provider.scale(second, 2)
      await provider.scale(elsewhere, 1)
      await provider.scale(first, 0)
      expect(
        await Promise.all([first, second, elsewhere].map(async (made) => (await replicasOf(made)).length)),
      ).toEqual([0, 2, 1])
    })

    it('gives a function what its spec says and nothing of the gateway’s own environment', async () => {
      process.env['SKEP_CANARY'] = 'the gateway’s own'
      const { run, replicaOf } = site()
      const made = await run('probe', { environment: { GREETING: 'zwölf' } })
      const environment = JSON.parse(await askSoon(await replicaOf(made), '/environment')) as Record<string, string>
      delete process.env['SKEP_CANARY']
      expect(environment).toMatchObject({ GREETING: 'zwölf', PORT: expect.any(String), OPENFAAS_NAME: made.spec.name })
      expect(environment).not.toHaveProperty('SKEP_CANARY')
    })
  })

  describe('pause', notRun(cannot.pause), () => {
    it('takes the processor away and keeps the memory; resume gives the answer that was waited for', async () => {
      const { provider, run, replicaOf } = site()
      const made = await run('probe')
      const replica = await replicaOf(made)
      expect(await askSoon(replica, '/count')).toBe('1')
      await provider.pause?.(replica)
      expect(await replicaOf(made)).toMatchObject({ id: replica.id, paused: true })
      let answered = false
      const answer = ask(replica, '/count').finally(() => (answered = true))
      await expect(ask(replica, '/count', AbortSignal.timeout(300))).rejects.toThrow('timeout')
      expect(answered).toBe(false)
      await provider.resume?.(replica)
      expect(['2', '3']).toContain(await answer)
      expect(await replicaOf(made)).toMatchObject({ id: replica.id, paused: false })
    })

    it('counts as a replica, and can end like one', async () => {
      const { provider, events, run, replicaOf, gone } = site()
      const made = await run('probe')
      const replica = await replicaOf(made)
      await askSoon(replica, '/')
      await provider.pause?.(replica)
      await provider.scale(made, 1)
      expect(events.map(({ type }) => type)).toEqual(['up'])
      await provider.scale(made, 0)
      await gone(replica)
      await until(async () => (await site().replicasOf(made)).length === 0)
    })
  })
}
