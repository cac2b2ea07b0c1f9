import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { aCall, done, idsOf, type OpenQueue } from './queue-site.ts'

/** What comes in. */
export function describePushes(at: () => OpenQueue): void {
  describe('accepts', () => {
    it('and hands out what was pushed, byte for byte', async () => {
      const { queue, takeOne } = at()
      const call = aCall({
        target: '/a%2Fb//c?x=1&x=2',
        headers: ['X-One', '1', 'x-one', '2', 'X-Latin', '\u00e9', 'Content-Type', 'application/x-any'],
        body: randomBytes(100_000),
      })
      expect(await queue.push(call)).toBe(call.id)
      const lease = await takeOne()
      expect({ ...lease.call, body: undefined }).toEqual({ ...call, body: undefined })
      expect(Buffer.compare(lease.call.body, call.body)).toBe(0)
      expect(lease).toMatchObject({ attempt: 1, failures: 0 })
    })

    it('an empty body', async () => {
      const { queue, takeOne } = at()
      await queue.push(aCall({ body: new Uint8Array() }))
      expect((await takeOne()).call.body).toHaveLength(0)
    })

    it('one of twenty submits with the same idempotency key, and gives all of them its id', async () => {
      const { queue, take } = at()
      const submits = Array.from({ length: 20 }, () => queue.push(aCall(), { idempotencyKey: 'order-7' }))
      const ids = new Set(await Promise.all(submits))
      expect(ids.size).toBe(1)
      expect(idsOf(await take())).toEqual([...ids])
    })

    it('the same idempotency key for another function as another call', async () => {
      const { queue } = at()
      const first = await queue.push(aCall(), { idempotencyKey: 'order-7' })
      const second = await queue.push(aCall({ function: 'other' }), { idempotencyKey: 'order-7' })
      expect(second).not.toBe(first)
    })

    it('no second call under an id that is taken', async () => {
      const { queue } = at()
      await queue.push(aCall({ id: 'mine' }))
      await expect(queue.push(aCall({ id: 'mine', function: 'other' }))).rejects.toMatchObject({ code: 'conflict' })
    })

    it('no more bytes than it may hold, and more again when calls are done', async () => {
      const { reopen, takeOne } = at()
      await at().queue.close()
      const queue = await reopen({ maxBytes: 100_000 })
      const body = randomBytes(60_000)
      await queue.push(aCall({ body }))
      await expect(queue.push(aCall({ body }))).rejects.toMatchObject({ code: 'queue_full' })
      await (await takeOne()).settle(done)
      await queue.push(aCall({ body }))
    })
  })
}
