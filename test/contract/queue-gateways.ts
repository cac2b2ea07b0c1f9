import { describe, expect, it } from 'vitest'
import type { Queue } from '../../gateway/core/queue.ts'
import { notRun } from '../helpers/needs.ts'
import { until } from '../helpers/until.ts'
import { aCall, done, idsOf, type OpenQueue, type QueueSite } from './queue-site.ts'

/** What holds for several gateways together. */
export function describeGateways(at: () => OpenQueue, site: QueueSite): void {
  describe('with several gateways', notRun(site.single), () => {
    it('runs each call once', async () => {
      const { queue, take, stop } = at()
      const second = await site.open()
      await Promise.all(Array.from({ length: 500 }, () => queue.push(aCall())))
      const taken: string[] = []
      const work = async (from: Queue) => {
        while (taken.length < 500) {
          const leases = await take(20, { hello: 40 }, from)
          taken.push(...idsOf(leases))
          await Promise.all(leases.map((lease) => lease.settle(done)))
          if (taken.length >= 500) stop.abort()
        }
      }
      await Promise.all([work(queue), work(second)])
      expect(new Set(taken).size).toBe(500)
      expect(taken).toHaveLength(500)
      await second.close()
    })

    it('keeps the limit of a function over all of them', async () => {
      const { queue, take } = at()
      const second = await site.open()
      for (let n = 0; n < 5; n++) await queue.push(aCall())
      expect(await take(100, { hello: 2 })).toHaveLength(2)
      const others = take(100, { hello: 3 }, second)
      expect(await others).toHaveLength(1)
      await second.close()
    })

    it('keeps a lease for as long as its gateway lives', async () => {
      const { queue, takeOne } = at()
      const second = await site.open()
      const id = await queue.push(aCall())
      const lease = await takeOne()
      const started = Date.now()
      // Longer than a lease lasts when nobody keeps it.
      await until(() => Date.now() - started > 13_000)
      expect(await second.show(id)).toMatchObject({ state: 'running', attempt: 1 })
      await lease.settle(done)
      expect((await second.show(id))?.state).toBe('done')
      await second.close()
    })

    it('tells one of them of the end of a call that another runs', async () => {
      const { queue, takeOne } = at()
      const second = await site.open()
      const id = await queue.push(aCall())
      const ended = second.show(id, 20_000)
      const asked = Date.now()
      await (await takeOne()).settle(done)
      expect((await ended)?.state).toBe('done')
      expect(Date.now() - asked).toBeLessThan(10_000)
      await second.close()
    })
  })
}
