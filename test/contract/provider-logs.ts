import { describe, expect, it } from 'vitest'
import type { LogLine, LogQuery, Replica, Revision } from '../../gateway/core/ports.ts'
import { until } from '../helpers/until.ts'
import { ask, askSoon, hear, type Site } from './provider-site.ts'

export function describeLogs(site: () => Site): void {
  const read = async (made: Revision, query: Partial<LogQuery> = {}): Promise<LogLine[]> => {
    const all = { function: made.function, follow: false, signal: AbortSignal.timeout(30_000) }
    const lines: LogLine[] = []
    for await (const line of site().provider.logs({ ...all, ...query })) lines.push(line)
    return lines
  }
  const textsOf = async (made: Revision, query?: Partial<LogQuery>): Promise<string[]> =>
    (await read(made, query)).map(({ text }) => text)

  describe('logs', () => {
    it('gives both streams as lines, with the replica and the time', async () => {
      const { run, replicaOf } = site()
      const made = await run('probe')
      const replica = await replicaOf(made)
      await askSoon(replica, '/say?text=größer')
      await ask(replica, '/complain?text=kaputt')
      const lines = await until(async () => {
        const found = (await read(made)).filter(({ text }) => text === 'größer' || text === 'kaputt')
        return found.length === 2 ? found : undefined
      })
      expect(lines.map(({ replica: id }) => id)).toEqual([replica.id, replica.id])
      for (const { at } of lines) expect(Math.abs(Date.now() - at.getTime())).toBeLessThan(60_000)
    })

    it('gives only the last lines, and only those since a time', async () => {
      const { run, replicaOf } = site()
      const made = await run('probe')
      const replica = await replicaOf(made)
      await askSoon(replica, '/say?text=one')
      const since = await until(async () => {
        const one = (await read(made)).find(({ text }) => text === 'one')
        return one && new Date(one.at.getTime() + 1)
      })
      await until(() => Date.now() > since.getTime() + 5)
      for (const text of ['two', 'three']) await ask(replica, `/say?text=${text}`)
      await until(async () => (await textsOf(made)).includes('three'))
      expect(await textsOf(made, { tail: 2 })).toEqual(['two', 'three'])
      expect(await textsOf(made, { since })).toEqual(['two', 'three'])
    })

    it('reads all replicas of a function in order of time, or one of them', async () => {
      const { run, replicasOf } = site()
      const made = await run('probe', {}, 2)
      const replicas = await replicasOf(made)
      const words = ['first', 'second', 'third', 'fourth']
      for (const [i, text] of words.entries()) {
        await askSoon(replicas[i % 2] as Replica, `/say?text=${text}`)
        await until(async () => (await textsOf(made)).includes(text))
      }
      expect((await textsOf(made)).filter((text) => words.includes(text))).toEqual(words)
      expect(await textsOf(made, { replica: replicas[1]?.id ?? '', tail: 1 })).toEqual(['fourth'])
    })

    it('follows replicas that are there and that come later, until it is told to stop', async () => {
      const { provider, run, replicaOf, replicasOf } = site()
      const made = await run('probe')
      const first = await replicaOf(made)
      await askSoon(first, '/')
      const { heard, end } = hear(site(), made)
      await until(async () => {
        await ask(first, '/say?text=early')
        return heard.includes('early')
      })
      await provider.scale(made, 2)
      const second = (await replicasOf(made)).find(({ id }) => id !== first.id)
      if (!second) throw new Error('There is no second replica.')
      await askSoon(second, '/say?text=late')
      await until(() => heard.includes('late'))
      await end()
      expect(heard.filter((text) => text === 'late')).toEqual(['late'])
    })

    it('has nothing to say about a function that does not exist', async () => {
      expect(await read(site().revision('probe'))).toEqual([])
    })
  })
}
