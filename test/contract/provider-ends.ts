import { describe, expect, it } from 'vitest'
import { notRun } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'
import type { Cannot } from './cannot.ts'
import { ask, askSoon, hear, type Site } from './provider-site.ts'

/** How replicas end, and that somebody hears of it. */
export function describeEnds(site: () => Site, cannot: Cannot): void {
  describe('ending', () => {
    it('tells which replicas went when fewer are asked for, once each', async () => {
      const { provider, events, run, replicasOf, gone } = site()
      const made = await run('probe', {}, 3)
      const before = await replicasOf(made)
      await provider.scale(made, 1)
      await until(async () => (await replicasOf(made)).length === 1)
      const [left] = await replicasOf(made)
      const ended = before.filter(({ id }) => id !== left?.id)
      for (const replica of ended) expect((await gone(replica)).revision).toBe(made.id)
      expect(events.filter(({ type }) => type === 'gone')).toHaveLength(2)
    })

    it('tells why a replica ended by itself: its exit code and its last words', async () => {
      const { run, replicaOf, replicasOf, gone } = site()
      const made = await run('probe')
      const replica = await replicaOf(made)
      await askSoon(replica, '/')
      await ask(replica, '/exit?n=7&text=the+disk+is+full')
      const { reason } = await gone(replica)
      expect(reason).toContain('7')
      expect(reason).toContain('the disk is full')
      expect((await replicasOf(made)).map(({ id }) => id)).not.toContain(replica.id)
    })

    it('tells why a function did not start', async () => {
      const { revision, whyNot } = site()
      expect(await whyNot(revision('crash'))).toContain('no database at db:5432')
    })

    it('says nothing more to a listener that has left', async () => {
      const { provider, run, replicaOf, gone } = site()
      const heard: string[] = []
      const leave = provider.watch(({ type }) => heard.push(type))
      const made = await run('probe')
      const replica = await replicaOf(made)
      leave()
      await provider.scale(made, 0)
      await gone(replica)
      expect(heard).toEqual(['up'])
    })

    it('asks with SIGTERM first', async () => {
      const { provider, run, replicaOf } = site()
      const made = await run('probe')
      const replica = await replicaOf(made)
      await askSoon(replica, '/')
      const { heard, end } = hear(site(), made)
      await until(async () => (await ask(replica, '/say?text=here')) && heard.includes('here'))
      await provider.scale(made, 0)
      await until(() => heard.includes('SIGTERM came'))
      await end()
      expect(heard.at(-1)).toBe('SIGTERM came')
    })

    it('ends one that does not listen to SIGTERM, after its grace', async () => {
      const { provider, run, replicaOf, gone } = site()
      const made = await run('probe', { timeout: '1s' })
      const replica = await replicaOf(made)
      await askSoon(replica, '/ignore-sigterm')
      await provider.scale(made, 0)
      await gone(replica)
      await expect(ask(replica, '/', AbortSignal.timeout(5000))).rejects.toThrow(/fetch failed|aborted/)
    })

    it('removes all of it, and does no harm when asked again', async () => {
      const { provider, run, replicaOf, gone, ground } = site()
      const made = await run('probe')
      const replica = await replicaOf(made)
      expect(await ground.leftovers(made)).not.toEqual([])
      await provider.remove(made)
      await gone(replica)
      expect(await ground.leftovers(made)).toEqual([])
      expect((await provider.revisions()).map(({ id }) => id)).not.toContain(made.id)
      await provider.remove(made)
    })
  })

  describe('retire', notRun(cannot.retire), () => {
    it('ends the chosen replica and leaves the others alone', async () => {
      const { provider, run, replicasOf, gone } = site()
      const made = await run('probe', {}, 3)
      const [first, chosen, last] = await replicasOf(made)
      if (!first || !chosen || !last) throw new Error('There are not three replicas.')
      await provider.retire?.(chosen)
      await gone(chosen)
      const left = (await replicasOf(made)).map(({ id }) => id)
      expect(left.toSorted()).toEqual([first.id, last.id].toSorted())
      expect(await askSoon(first, '/')).toBe('hello')
    })
  })
}
