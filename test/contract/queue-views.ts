import { describe, expect, it } from 'vitest'
import type { Queue } from '../../gateway/core/queue.ts'
import { until } from '../helpers/until.ts'
import { aCall, dead, done, type OpenQueue } from './queue-site.ts'

/** What an operator may see. */
export function describeViews(at: () => OpenQueue): void {
  describe('shows', () => {
    it('the calls of a function, of a state, of a time; the newest first', async () => {
      const { queue } = at()
      const old = await queue.push(aCall())
      const middle = (await until(async () => {
        const { acceptedAt = 0 } = (await queue.show(old)) ?? {}
        return Date.now() > acceptedAt + 5 && Date.now()
      })) as number
      const young = await queue.push(aCall())
      await queue.push(aCall({ function: 'other' }))
      const ids = async (...args: Parameters<Queue['list']>) => (await queue.list(...args)).map(({ id }) => id)
      expect(await ids({ function: 'hello' }, 10)).toEqual([young, old])
      expect(await ids({ function: 'hello' }, 1)).toEqual([young])
      expect(await ids({ function: 'hello', until: middle }, 10)).toEqual([old])
      expect(await ids({ function: 'hello', since: middle }, 10)).toEqual([young])
      expect(await ids({ function: 'hello', state: 'dead' }, 10)).toEqual([])
      expect(await ids({}, 10)).toHaveLength(3)
    })

    it('how many calls of which function are in which state', async () => {
      const { queue, take } = at()
      for (let n = 0; n < 5; n++) await queue.push(aCall())
      await queue.push(aCall(), { delayMs: 60_000 })
      const [one, two] = await take(3)
      await one?.settle(done)
      await two?.settle(dead)
      const counts = { waiting: 2, delayed: 1, running: 1, done: 1, dead: 1, cancelled: 0 }
      expect(await queue.depth()).toEqual(new Map([['hello', counts]]))
    })
  })
}
