import { describe, expect, it } from 'vitest'
import { killedAfter } from '../helpers/killed.ts'
import { aCall, dead, type OpenQueue, type QueueSite } from './queue-site.ts'

/** What outlives a gateway. */
export function describeSurvival(at: () => OpenQueue, site: QueueSite): void {
  describe('survives', () => {
    it('being closed and opened, with everything that is in it', async () => {
      const { queue: before, reopen, takeOne } = at()
      const waiting = await before.push(aCall({ body: Buffer.from('kept') }))
      const first = await takeOne()
      await first.settle({ state: 'waiting', delayMs: 60_000, failed: true, reason: 'later' })
      const ended = await before.push(aCall())
      await (await takeOne()).settle(dead)
      await before.close()
      const queue = await reopen()
      expect(await queue.show(waiting)).toMatchObject({ state: 'delayed', failures: 1, reason: 'later' })
      expect((await queue.show(ended))?.state).toBe('dead')
    })

    it('kill -9 of the gateway that pushes: every call whose push resolved is there', async () => {
      await at().queue.close()
      const promised = await killedAfter(2000, pushForever(site.source()))
      const queue = await at().reopen()
      const kept = new Set((await queue.list({}, 1_000_000)).map(({ id }) => id))
      expect(promised.filter((id) => !kept.has(id))).toEqual([])
    })

    it('kill -9 of the gateway that runs a call: it is run again within 15 seconds', async () => {
      const { queue, reopen, takeOne } = at()
      const id = await queue.push(aCall())
      await queue.close()
      await killedAfter(1, takeAndHang(site.source()))
      const killed = Date.now()
      await reopen()
      const lease = await takeOne()
      expect(lease).toMatchObject({ call: { id }, attempt: 2, failures: 0 })
      expect(Date.now() - killed).toBeLessThan(15_000)
    })
  })
}

const pushForever = (open: string) => `
  const queue = await (${open})
  const body = Buffer.alloc(1024)
  let n = 0
  const push = async () => {
    for (;;) console.log(await queue.push({ id: 'id-' + n++, function: 'hello', target: '/', headers: [], body }))
  }
  for (let caller = 0; caller < 20; caller++) void push()`

const takeAndHang = (open: string) => `
  const queue = await (${open})
  const [lease] = await queue.take({ max: 1, limits: new Map(), signal: new AbortController().signal })
  console.log(lease.call.id)
  setInterval(() => {}, 1000)`
