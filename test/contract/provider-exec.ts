import { describe, expect, it } from 'vitest'
import { notRun } from '../helpers/needs.ts'
import type { Cannot } from './cannot.ts'
import { askSoon, type Site } from './provider-site.ts'

const shell = (script: string): string[] => ['sh', '-c', script]

/** How a replica's own monitoring command is asked. */
export function describeExec(site: () => Site, cannot: Cannot): void {
  describe('exec', notRun(cannot.exec), () => {
    it('runs a program inside the replica, with its environment, and tells its exit code', async () => {
      const { provider, run, replicaOf } = site()
      const replica = await replicaOf(await run('probe', { environment: { GREETING: 'zwölf' } }))
      expect(await provider.exec?.(replica, shell('[ "$GREETING" = zwölf ]'), 20_000)).toBe(0)
      expect(await provider.exec?.(replica, shell('exit 3'), 20_000)).toBe(3)
    })

    it('rejects when it takes too long or cannot be run, and does the replica no harm', async () => {
      const { provider, run, replicaOf } = site()
      const replica = await replicaOf(await run('probe'))
      await expect(provider.exec?.(replica, ['sleep', '60'], 300)).rejects.toThrow('longer than 300 ms')
      const missing = await provider.exec?.(replica, ['no-such-program'], 20_000).catch(() => 127)
      expect(missing).toBeGreaterThan(0)
      expect(await askSoon(replica, '/')).toBe('hello')
    })
  })

  describe('a place that runs monitoring commands itself', notRun(cannot.monitor), () => {
    it('ends a replica that fails its own too often, and says why', async () => {
      const { run, replicaOf, gone } = site()
      const monitor = { command: shell('! test -e /tmp/ill'), every: '1s', failures: 2 }
      const replica = await replicaOf(await run('probe', { monitor }))
      expect(await askSoon(replica, '/write?text=/tmp/ill&n=1')).toBe('written')
      expect((await gone(replica)).reason).toContain('monitor failed')
    })
  })
}
