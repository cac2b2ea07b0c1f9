import { describe, expect, it } from 'vitest'
import { aCall, done, idsOf, type OpenQueue } from './queue-site.ts'

/** What is handed out: in which order, how many, when. */
export function describeTakes(at: () => OpenQueue): void {
  describe('orders', () => {
    it('the calls of a function as they came', async () => {
      const { queue, take } = at()
      const ids = []
      for (let n = 0; n < 20; n++) ids.push(await queue.push(aCall()))
      expect(idsOf(await take())).toEqual(ids)
    })

    it('higher priorities first', async () => {
      const { queue, take } = at()
      const low = await queue.push(aCall())
      const high = await queue.push(aCall(), { priority: 9 })
      const middle = await queue.push(aCall(), { priority: 5 })
      expect(idsOf(await take())).toEqual([high, middle, low])
    })

    it('delayed calls not before their time, and then', async () => {
      const { queue, take } = at()
      const pushed = Date.now()
      const later = await queue.push(aCall(), { delayMs: 400 })
      const now = await queue.push(aCall())
      expect(idsOf(await take())).toEqual([now])
      expect((await queue.show(later))?.state).toBe('delayed')
      expect(idsOf(await take())).toEqual([later])
      expect(Date.now() - pushed).toBeGreaterThanOrEqual(395)
    })

    it('functions in turn: ten thousand waiting calls of one do not delay the single call of another', async () => {
      const { queue, take } = at()
      await Promise.all(Array.from({ length: 10_000 }, () => queue.push(aCall({ function: 'busy' }))))
      const single = await queue.push(aCall({ function: 'single' }))
      expect(idsOf(await take(2, { busy: 1000, single: 1 }))).toContain(single)
    })

    it('three functions evenly, however many calls each has', async () => {
      const { queue, take } = at()
      const counts = { one: 50, two: 10, three: 200 }
      for (const [name, count] of Object.entries(counts)) {
        await Promise.all(Array.from({ length: count }, () => queue.push(aCall({ function: name }))))
      }
      const leases = await take(30, { one: 100, two: 100, three: 100 })
      const taken = Object.groupBy(leases, ({ call }) => call.function)
      expect(Object.values(taken).map((of) => of?.length)).toEqual([10, 10, 10])
    })
  })

  describe('limits', () => {
    it('how many calls of a function run at a time, and gives the next one when one is settled', async () => {
      const { queue, take, nothingBut } = at()
      for (let n = 0; n < 5; n++) await queue.push(aCall())
      const [first, ...rest] = await take(100, { hello: 2 })
      expect(rest).toHaveLength(1)
      await nothingBut('probe', { hello: 2 })
      const next = take(100, { hello: 2 })
      await first?.settle(done)
      expect(await next).toHaveLength(1)
    })

    it('a function that it was not told of to one call', async () => {
      const { queue, take } = at()
      for (let n = 0; n < 3; n++) await queue.push(aCall({ function: 'unknown' }))
      expect(await take(100, {})).toHaveLength(1)
    })

    it('how many calls it hands out at once', async () => {
      const { queue, take } = at()
      for (let n = 0; n < 10; n++) await queue.push(aCall())
      expect(await take(3)).toHaveLength(3)
      expect(await take(3)).toHaveLength(3)
    })
  })

  describe('waits', () => {
    it('for a call, and hands it out when it comes', async () => {
      const { queue, take } = at()
      const leases = take()
      const id = await queue.push(aCall())
      expect(idsOf(await leases)).toEqual([id])
    })

    it('no longer when it is told to stop', async () => {
      const { take, stop } = at()
      const leases = take()
      stop.abort()
      expect(await leases).toEqual([])
    })

    it('for the end of a call that someone asks for', async () => {
      const { queue, takeOne } = at()
      const id = await queue.push(aCall())
      const ended = queue.show(id, 20_000)
      await (await takeOne()).settle(done)
      expect((await ended)?.state).toBe('done')
    })

    it('for the end of a call no longer than it was told', async () => {
      const { queue } = at()
      const id = await queue.push(aCall())
      expect((await queue.show(id, 50))?.state).toBe('waiting')
    })
  })
}
