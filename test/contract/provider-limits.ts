import { describe, expect, it } from 'vitest'
import { notRun } from '../helpers/needs.ts'
import type { Cannot } from './cannot.ts'
import { ask, askSoon, type Site } from './provider-site.ts'

/** A function that behaves badly hurts only itself. */
export function describeLimits(site: () => Site, cannot: Cannot): void {
  const neighbour = async () => {
    const { run, replicaOf } = site()
    const replica = await replicaOf(await run('probe'))
    expect(await askSoon(replica, '/count')).toBe('1')
    return replica
  }

  describe('limits', () => {
    it('ends a function that takes too much memory, and says so', notRun(cannot.limitMemory), async () => {
      const beside = await neighbour()
      const { run, replicaOf, gone } = site()
      const replica = await replicaOf(await run('probe', { limits: { memory: '128Mi' } }))
      await askSoon(replica, '/hog')
      expect((await gone(replica)).reason).toMatch(/more than its 128Mi of memory/)
      expect(await ask(beside, '/count')).toBe('2')
    })

    it('stops a function that forks without end', notRun(cannot.limitProcesses), async () => {
      const beside = await neighbour()
      const { run, replicaOf } = site()
      const replica = await replicaOf(await run('probe', { limits: { pids: 40 } }))
      await askSoon(replica, '/')
      expect(Number(await ask(replica, '/fork?n=200'))).toBeLessThan(40)
      expect(await ask(beside, '/count')).toBe('2')
    })

    it('keeps only the end of 100 MB of output', async () => {
      const beside = await neighbour()
      const { provider, run, replicaOf } = site()
      const made = await run('probe')
      await askSoon(await replicaOf(made), '/print?n=100')
      let kept = 0
      const logs = provider.logs({ function: made.function, follow: false, signal: AbortSignal.timeout(60_000) })
      for await (const { text } of logs) kept += text.length
      expect(kept).toBeGreaterThan(1024 * 1024)
      expect(kept).toBeLessThan(40 * 1024 * 1024)
      expect(await ask(beside, '/count')).toBe('2')
    })
  })
}
