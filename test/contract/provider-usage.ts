import { expect, it } from 'vitest'
import { notRun } from '../helpers/needs.ts'
import type { Cannot } from './cannot.ts'
import { ask, askSoon, type Site } from './provider-site.ts'

/** What a replica uses can be seen from outside. */
export function describeUsage(site: () => Site, cannot: Cannot): void {
  it('tells what a replica has used, and nothing of one that is gone', notRun(cannot.usage), async () => {
    const { provider, run, replicaOf, gone } = site()
    const replica = await replicaOf(await run('probe'))
    await askSoon(replica, '/')
    const before = await provider.usage?.(replica)
    await ask(replica, '/burn?n=500')
    const after = await provider.usage?.(replica)
    expect(after?.memoryBytes).toBeGreaterThan(1024 * 1024)
    expect((after?.cpuSeconds ?? 0) - (before?.cpuSeconds ?? 0)).toBeGreaterThan(0.2)
    await provider.retire?.(replica)
    await gone(replica)
    expect(await provider.usage?.(replica)).toBeUndefined()
  })
}
