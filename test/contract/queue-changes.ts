import { describe, expect, it } from 'vitest'
import { until } from '../helpers/until.ts'
import { aCall, dead, done, type OpenQueue } from './queue-site.ts'

/** What an operator may do with calls. */
export function describeChanges(at: () => OpenQueue): void {
  describe('can be told', () => {
    it('to send a dead letter again: all attempts are before it, and its number goes on', async () => {
      const { queue, takeOne } = at()
      const id = await queue.push(aCall())
      await (await takeOne()).settle({ state: 'waiting', delayMs: 0, failed: true, reason: 'it answered 500' })
      await (await takeOne()).settle(dead)
      expect(await queue.change({ id }, { action: 'retry' })).toBe(1)
      expect(await takeOne()).toMatchObject({ call: { id }, attempt: 3, failures: 0 })
    })

    it('to send a dead letter to another function', async () => {
      const { queue, take, takeOne } = at()
      const id = await queue.push(aCall({ body: Buffer.from('kept') }))
      await (await takeOne()).settle(dead)
      await queue.change({ id }, { action: 'retry', function: 'hello-fixed' })
      const [lease] = await take(1, {})
      expect(lease?.call).toMatchObject({ id, function: 'hello-fixed', body: Buffer.from('kept') })
    })

    it('to send all dead letters of one function again, and no others', async () => {
      const { queue, take } = at()
      for (const name of ['hello', 'hello', 'other']) await queue.push(aCall({ function: name }))
      for (const lease of await take(100, { hello: 9, other: 9 })) await lease.settle(dead)
      expect(await queue.change({ function: 'hello' }, { action: 'retry' })).toBe(2)
      expect((await queue.depth()).get('other')?.dead).toBe(1)
      expect((await queue.depth()).get('hello')).toMatchObject({ dead: 0, waiting: 2 })
    })

    it('to send dead letters again, once each, although they die again at once', async () => {
      const { queue, take } = at()
      for (let n = 0; n < 700; n++) await queue.push(aCall())
      const bury = async (count: number) => {
        for (let left = count; left > 0;) {
          const leases = await take(left)
          left -= leases.length
          await Promise.all(leases.map((lease) => lease.settle(dead)))
        }
      }
      await bury(700)
      const retried = queue.change({ function: 'hello' }, { action: 'retry' })
      await bury(700)
      expect(await retried).toBe(700)
    })

    it('to cancel what waits, and it does not run', async () => {
      const { queue, nothingBut } = at()
      const id = await queue.push(aCall())
      const later = await queue.push(aCall(), { delayMs: 50 })
      expect(await queue.change({ function: 'hello' }, { action: 'cancel' })).toBe(2)
      await until(async () => Date.now() - ((await queue.show(later))?.acceptedAt ?? Infinity) > 100)
      await nothingBut('probe', { hello: 9 })
      expect((await queue.show(id))?.state).toBe('cancelled')
    })

    it('to cancel what runs: the run hears of it, and its verdict changes nothing', async () => {
      const { queue, takeOne } = at()
      const id = await queue.push(aCall())
      const lease = await takeOne()
      await queue.change({ id }, { action: 'cancel' })
      await until(() => lease.lost.aborted)
      await lease.settle(done)
      expect((await queue.show(id))?.state).toBe('cancelled')
    })

    it('to purge what has ended, and nothing that has not', async () => {
      const { queue, takeOne } = at()
      const [ended, waiting] = [await queue.push(aCall()), await queue.push(aCall())]
      await (await takeOne()).settle(dead)
      expect(await queue.change({ function: 'hello' }, { action: 'purge' })).toBe(1)
      expect(await queue.show(ended)).toBeUndefined()
      expect((await queue.show(waiting))?.state).toBe('waiting')
    })

    it('to change thousands at once', async () => {
      const { queue } = at()
      await Promise.all(Array.from({ length: 2345 }, () => queue.push(aCall())))
      expect(await queue.change({ function: 'hello' }, { action: 'cancel' })).toBe(2345)
      expect((await queue.depth()).get('hello')).toMatchObject({ waiting: 0, cancelled: 2345 })
    })

    it('nothing about a call that is not there', async () => {
      const { queue } = at()
      expect(await queue.change({ id: 'nobody' }, { action: 'cancel' })).toBe(0)
      expect(await queue.show('nobody')).toBeUndefined()
    })
  })
}
