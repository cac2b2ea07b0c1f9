import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Revision } from '../../gateway/core/ports.ts'
import type { ProviderName } from '../../gateway/providers/index.ts'
import { notRun } from '../helpers/needs.ts'
import type { Cannot } from './cannot.ts'
import { ask, askSoon, type Site } from './provider-site.ts'

/** What a gateway finds that comes back. */
export function describeRestart(name: ProviderName, site: () => Site, cannot: Cannot): void {
  describe('a gateway that comes back', () => {
    it('finds the replicas of one that was killed, still answering, and goes on with them', async () => {
      const { ground, revision, letGo, reopen, events, replicaOf, replicasOf, gone } = site()
      const made = revision('probe')
      await letGo()
      await runAndKill(name, ground.options, made)
      const provider = await reopen()
      expect(await provider.revisions()).toContainEqual(made)
      const replica = await replicaOf(made)
      expect(await askSoon(replica, '/')).toBe('hello')
      await provider.scale(made, 1)
      expect(await replicasOf(made)).toEqual([replica])
      await provider.scale(made, 0)
      await gone(replica)
      expect(events.map(({ type }) => type)).toEqual(['gone'])
    })

    it('finds what was running and what was not, after one that stopped', async () => {
      const { run, revision, replicaOf, letGo, reopen, gone } = site()
      const made = await run('probe')
      const idle = revision('probe')
      await site().provider.prepare(idle, () => {})
      const replica = await replicaOf(made)
      await letGo()
      expect(await askSoon(replica, '/')).toBe('hello')
      const provider = await reopen()
      expect(await replicaOf(made)).toEqual(replica)
      expect(await provider.revisions()).toEqual(expect.arrayContaining([made, idle]))
      await ask(replica, '/exit?n=1&text=enough')
      expect((await gone(replica)).reason).toContain('enough')
    })

    it('finds a paused replica as paused', notRun(cannot.pause), async () => {
      const { run, replicaOf, letGo, reopen } = site()
      const made = await run('probe')
      const replica = await replicaOf(made)
      expect(await askSoon(replica, '/count')).toBe('1')
      await site().provider.pause?.(replica)
      await letGo()
      const provider = await reopen()
      expect(await replicaOf(made)).toEqual({ ...replica, paused: true })
      await provider.resume?.(replica)
      expect(await ask(replica, '/count')).toBe('2')
    })
  })
}

/** Runs the revision from another process and kills that, as a power cut or the kernel would. */
async function runAndKill(name: ProviderName, options: unknown, revision: Revision): Promise<void> {
  const program = fileURLToPath(new URL('./provider-child.ts', import.meta.url))
  const child = spawn(process.execPath, [program, name, JSON.stringify(options), JSON.stringify(revision)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), ended])
  if (child.exitCode !== null) throw new Error('The other gateway ended before it was killed.')
  child.kill('SIGKILL')
  await ended
}
