import { describe, expect, it } from 'vitest'
import { until } from '../helpers/until.ts'
import { aCall, anAnswer, dead, done, type OpenQueue } from './queue-site.ts'

/** What becomes of a call after a run. */
export function describeVerdicts(at: () => OpenQueue): void {
  describe('after a run', () => {
    it('keeps the answer of a call that is done, and nothing of its request', async () => {
      const { queue, takeOne } = at()
      const id = await queue.push(aCall())
      await (await takeOne()).settle(done)
      const record = await queue.show(id)
      expect(record).toMatchObject({ state: 'done', attempt: 1, request: undefined, reason: undefined })
      expect(record?.answer).toEqual({ ...anAnswer, body: expect.anything() })
      expect(Buffer.compare(record?.answer?.body ?? Buffer.of(), anAnswer.body)).toBe(0)
    })

    it('forgets the answer when its time is over', async () => {
      const { queue, takeOne } = at()
      const id = await queue.push(aCall())
      await (await takeOne()).settle({ ...done, keepMs: 1 })
      await until(async () => (await queue.show(id)) === undefined)
      expect(await queue.depth()).toEqual(new Map())
    })

    it('hands a call out again when its time has come, with a higher attempt', async () => {
      const { queue, takeOne } = at()
      const id = await queue.push(aCall())
      const retry = { state: 'waiting', delayMs: 200, failed: true, reason: 'it answered 503' } as const
      const settled = Date.now()
      await (await takeOne()).settle(retry)
      expect(await queue.show(id)).toMatchObject({ state: 'delayed', reason: 'it answered 503', failures: 1 })
      expect(await takeOne()).toMatchObject({ attempt: 2, failures: 1 })
      expect(Date.now() - settled).toBeGreaterThanOrEqual(195)
    })

    it('does not count a run as failed when it was told not to', async () => {
      const { queue, takeOne } = at()
      await queue.push(aCall())
      await (await takeOne()).settle({ state: 'waiting', delayMs: 0, failed: false, reason: 'it was busy' })
      expect(await takeOne()).toMatchObject({ attempt: 2, failures: 0 })
    })

    it('keeps a dead letter with its request, its last answer and the reason', async () => {
      const { queue, takeOne } = at()
      const call = aCall({ target: '/pay', body: Buffer.from('the order') })
      await queue.push(call)
      await (await takeOne()).settle(dead)
      const record = await queue.show(call.id)
      expect(record).toMatchObject({ state: 'dead', attempt: 1, reason: 'it answered 500' })
      expect(record?.request).toMatchObject({ target: '/pay', body: Buffer.from('the order') })
      expect(record?.answer?.status).toBe(200)
    })

    it('takes only the first verdict on a run', async () => {
      const { queue, takeOne } = at()
      const id = await queue.push(aCall())
      const lease = await takeOne()
      await lease.settle(done)
      await lease.settle(dead)
      expect((await queue.show(id))?.state).toBe('done')
    })
  })
}
