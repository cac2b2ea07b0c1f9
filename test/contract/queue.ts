import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CallLease, Queue, QueuedAnswer, QueuedCall } from '../../gateway/core/queue.ts'
import { notRun } from '../helpers/needs.ts'
import { killedAfter } from '../helpers/killed.ts'
import { until } from '../helpers/until.ts'

export interface QueueSite {
  /** Opens the same queue each time. */
  open(options?: { maxBytes: number }): Promise<Queue>
  /** An expression that opens it in another process, from the repository's root. */
  source(): string
  wipe(): Promise<void>
  /** Why it is not for several gateways at a time, if it is not. */
  readonly single?: string
}

let calls = 0
/** A call to `hello` with an id of its own. */
export const aCall = (call: Partial<QueuedCall> = {}): QueuedCall => ({
  ...{ id: `call-${++calls}`, function: 'hello', target: '/', headers: [], body: Buffer.from('body') },
  ...call,
})

export const anAnswer: QueuedAnswer = {
  ...{ status: 200, headers: ['X-A', '1'], body: Buffer.from([0, 255]), truncated: false, durationMs: 12 },
}

/** What every queue must do. */
export function describeQueue(name: string, site: QueueSite) {
  describe(`queue: ${name}`, () => {
    let queue: Queue
    let stop: AbortController
    beforeEach(async () => {
      await site.wipe()
      queue = await site.open()
      stop = new AbortController()
    })
    afterEach(async () => {
      stop.abort()
      await queue.close()
    })

    const take = (max = 100, limits: Record<string, number> = { hello: 100 }, from = queue) =>
      from.take({ max, limits: new Map(Object.entries(limits)), signal: stop.signal })
    const takeOne = async (): Promise<CallLease> => {
      const [lease] = await take(1)
      if (!lease) throw new Error('The queue gave no call.')
      return lease
    }
    const idsOf = (leases: readonly CallLease[]) => leases.map(({ call }) => call.id)
    /** Nothing may run: it still waits after a call that was pushed later has come through. */
    const nothingBut = async (id: string, limits: Record<string, number>) => {
      await queue.push(aCall({ id, function: 'canary' }))
      expect(idsOf(await take(100, { ...limits, canary: 1 }))).toEqual([id])
    }
    const done = { state: 'done', answer: anAnswer, keepMs: 60_000 } as const
    const dead = { state: 'dead', reason: 'it answered 500', answer: anAnswer, keepMs: 60_000 } as const

    describe('accepts', () => {
      it('and hands out what was pushed, byte for byte', async () => {
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
        await queue.push(aCall({ body: new Uint8Array() }))
        expect((await takeOne()).call.body).toHaveLength(0)
      })

      it('one of twenty submits with the same idempotency key, and gives all of them its id', async () => {
        const submits = Array.from({ length: 20 }, () => queue.push(aCall(), { idempotencyKey: 'order-7' }))
        const ids = new Set(await Promise.all(submits))
        expect(ids.size).toBe(1)
        expect(idsOf(await take())).toEqual([...ids])
      })

      it('the same idempotency key for another function as another call', async () => {
        const first = await queue.push(aCall(), { idempotencyKey: 'order-7' })
        const second = await queue.push(aCall({ function: 'other' }), { idempotencyKey: 'order-7' })
        expect(second).not.toBe(first)
      })

      it('no second call under an id that is taken', async () => {
        await queue.push(aCall({ id: 'mine' }))
        await expect(queue.push(aCall({ id: 'mine', function: 'other' }))).rejects.toMatchObject({ code: 'conflict' })
      })

      it('no more bytes than it may hold, and more again when calls are done', async () => {
        await queue.close()
        queue = await site.open({ maxBytes: 100_000 })
        const body = randomBytes(60_000)
        await queue.push(aCall({ body }))
        await expect(queue.push(aCall({ body }))).rejects.toMatchObject({ code: 'queue_full' })
        await (await takeOne()).settle(done)
        await queue.push(aCall({ body }))
      })
    })

    describe('orders', () => {
      it('the calls of a function as they came', async () => {
        const ids = []
        for (let n = 0; n < 20; n++) ids.push(await queue.push(aCall()))
        expect(idsOf(await take())).toEqual(ids)
      })

      it('higher priorities first', async () => {
        const low = await queue.push(aCall())
        const high = await queue.push(aCall(), { priority: 9 })
        const middle = await queue.push(aCall(), { priority: 5 })
        expect(idsOf(await take())).toEqual([high, middle, low])
      })

      it('delayed calls not before their time, and then', async () => {
        const pushed = Date.now()
        const later = await queue.push(aCall(), { delayMs: 400 })
        const now = await queue.push(aCall())
        expect(idsOf(await take())).toEqual([now])
        expect((await queue.show(later))?.state).toBe('delayed')
        expect(idsOf(await take())).toEqual([later])
        expect(Date.now() - pushed).toBeGreaterThanOrEqual(395)
      })

      it('functions in turn: ten thousand waiting calls of one do not delay the single call of another', async () => {
        await Promise.all(Array.from({ length: 10_000 }, () => queue.push(aCall({ function: 'busy' }))))
        const single = await queue.push(aCall({ function: 'single' }))
        expect(idsOf(await take(2, { busy: 1000, single: 1 }))).toContain(single)
      })

      it('three functions evenly, however many calls each has', async () => {
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
        for (let n = 0; n < 5; n++) await queue.push(aCall())
        const [first, ...rest] = await take(100, { hello: 2 })
        expect(rest).toHaveLength(1)
        await nothingBut('probe', { hello: 2 })
        const next = take(100, { hello: 2 })
        await first?.settle(done)
        expect(await next).toHaveLength(1)
      })

      it('a function that it was not told of to one call', async () => {
        for (let n = 0; n < 3; n++) await queue.push(aCall({ function: 'unknown' }))
        expect(await take(100, {})).toHaveLength(1)
      })

      it('how many calls it hands out at once', async () => {
        for (let n = 0; n < 10; n++) await queue.push(aCall())
        expect(await take(3)).toHaveLength(3)
        expect(await take(3)).toHaveLength(3)
      })
    })

    describe('waits', () => {
      it('for a call, and hands it out when it comes', async () => {
        const leases = take()
        const id = await queue.push(aCall())
        expect(idsOf(await leases)).toEqual([id])
      })

      it('no longer when it is told to stop', async () => {
        const leases = take()
        stop.abort()
        expect(await leases).toEqual([])
      })

      it('for the end of a call that someone asks for', async () => {
        const id = await queue.push(aCall())
        const ended = queue.show(id, 20_000)
        await (await takeOne()).settle(done)
        expect((await ended)?.state).toBe('done')
      })

      it('for the end of a call no longer than it was told', async () => {
        const id = await queue.push(aCall())
        expect((await queue.show(id, 50))?.state).toBe('waiting')
      })
    })

    describe('after a run', () => {
      it('keeps the answer of a call that is done, and nothing of its request', async () => {
        const id = await queue.push(aCall())
        await (await takeOne()).settle(done)
        const record = await queue.show(id)
        expect(record).toMatchObject({ state: 'done', attempt: 1, request: undefined, reason: undefined })
        expect(record?.answer).toEqual({ ...anAnswer, body: expect.anything() })
        expect(Buffer.compare(record?.answer?.body ?? Buffer.of(), anAnswer.body)).toBe(0)
      })

      it('forgets the answer when its time is over', async () => {
        const id = await queue.push(aCall())
        await (await takeOne()).settle({ ...done, keepMs: 1 })
        await until(async () => (await queue.show(id)) === undefined)
        expect(await queue.depth()).toEqual(new Map())
      })

      it('hands a call out again when its time has come, with a higher attempt', async () => {
        const id = await queue.push(aCall())
        const retry = { state: 'waiting', delayMs: 200, failed: true, reason: 'it answered 503' } as const
        const settled = Date.now()
        await (await takeOne()).settle(retry)
        expect(await queue.show(id)).toMatchObject({ state: 'delayed', reason: 'it answered 503', failures: 1 })
        expect(await takeOne()).toMatchObject({ attempt: 2, failures: 1 })
        expect(Date.now() - settled).toBeGreaterThanOrEqual(195)
      })

      it('does not count a run as failed when it was told not to', async () => {
        await queue.push(aCall())
        await (await takeOne()).settle({ state: 'waiting', delayMs: 0, failed: false, reason: 'it was busy' })
        expect(await takeOne()).toMatchObject({ attempt: 2, failures: 0 })
      })

      it('keeps a dead letter with its request, its last answer and the reason', async () => {
        const call = aCall({ target: '/pay', body: Buffer.from('the order') })
        await queue.push(call)
        await (await takeOne()).settle(dead)
        const record = await queue.show(call.id)
        expect(record).toMatchObject({ state: 'dead', attempt: 1, reason: 'it answered 500' })
        expect(record?.request).toMatchObject({ target: '/pay', body: Buffer.from('the order') })
        expect(record?.answer?.status).toBe(200)
      })

      it('takes only the first verdict on a run', async () => {
        const id = await queue.push(aCall())
        const lease = await takeOne()
        await lease.settle(done)
        await lease.settle(dead)
        expect((await queue.show(id))?.state).toBe('done')
      })
    })

    describe('can be told', () => {
      it('to send a dead letter again: all attempts are before it, and its number goes on', async () => {
        const id = await queue.push(aCall())
        await (await takeOne()).settle({ state: 'waiting', delayMs: 0, failed: true, reason: 'it answered 500' })
        await (await takeOne()).settle(dead)
        expect(await queue.change({ id }, { action: 'retry' })).toBe(1)
        expect(await takeOne()).toMatchObject({ call: { id }, attempt: 3, failures: 0 })
      })

      it('to send a dead letter to another function', async () => {
        const id = await queue.push(aCall({ body: Buffer.from('kept') }))
        await (await takeOne()).settle(dead)
        await queue.change({ id }, { action: 'retry', function: 'hello-fixed' })
        const [lease] = await take(1, {})
        expect(lease?.call).toMatchObject({ id, function: 'hello-fixed', body: Buffer.from('kept') })
      })

      it('to send all dead letters of one function again, and no others', async () => {
        for (const name of ['hello', 'hello', 'other']) await queue.push(aCall({ function: name }))
        for (const lease of await take(100, { hello: 9, other: 9 })) await lease.settle(dead)
        expect(await queue.change({ function: 'hello' }, { action: 'retry' })).toBe(2)
        expect((await queue.depth()).get('other')?.dead).toBe(1)
        expect((await queue.depth()).get('hello')).toMatchObject({ dead: 0, waiting: 2 })
      })

      it('to send dead letters again, once each, although they die again at once', async () => {
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
        const id = await queue.push(aCall())
        const later = await queue.push(aCall(), { delayMs: 50 })
        expect(await queue.change({ function: 'hello' }, { action: 'cancel' })).toBe(2)
        await until(async () => Date.now() - ((await queue.show(later))?.acceptedAt ?? Infinity) > 100)
        await nothingBut('probe', { hello: 9 })
        expect((await queue.show(id))?.state).toBe('cancelled')
      })

      it('to cancel what runs: the run hears of it, and its verdict changes nothing', async () => {
        const id = await queue.push(aCall())
        const lease = await takeOne()
        await queue.change({ id }, { action: 'cancel' })
        await until(() => lease.lost.aborted)
        await lease.settle(done)
        expect((await queue.show(id))?.state).toBe('cancelled')
      })

      it('to purge what has ended, and nothing that has not', async () => {
        const [ended, waiting] = [await queue.push(aCall()), await queue.push(aCall())]
        await (await takeOne()).settle(dead)
        expect(await queue.change({ function: 'hello' }, { action: 'purge' })).toBe(1)
        expect(await queue.show(ended)).toBeUndefined()
        expect((await queue.show(waiting))?.state).toBe('waiting')
      })

      it('to change thousands at once', async () => {
        await Promise.all(Array.from({ length: 2345 }, () => queue.push(aCall())))
        expect(await queue.change({ function: 'hello' }, { action: 'cancel' })).toBe(2345)
        expect((await queue.depth()).get('hello')).toMatchObject({ waiting: 0, cancelled: 2345 })
      })

      it('nothing about a call that is not there', async () => {
        expect(await queue.change({ id: 'nobody' }, { action: 'cancel' })).toBe(0)
        expect(await queue.show('nobody')).toBeUndefined()
      })
    })

    describe('shows', () => {
      it('the calls of a function, of a state, of a time; the newest first', async () => {
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
        for (let n = 0; n < 5; n++) await queue.push(aCall())
        await queue.push(aCall(), { delayMs: 60_000 })
        const [one, two] = await take(3)
        await one?.settle(done)
        await two?.settle(dead)
        const counts = { waiting: 2, delayed: 1, running: 1, done: 1, dead: 1, cancelled: 0 }
        expect(await queue.depth()).toEqual(new Map([['hello', counts]]))
      })
    })

    describe('survives', () => {
      it('being closed and opened, with everything that is in it', async () => {
        const waiting = await queue.push(aCall({ body: Buffer.from('kept') }))
        const first = await takeOne()
        await first.settle({ state: 'waiting', delayMs: 60_000, failed: true, reason: 'later' })
        const ended = await queue.push(aCall())
        await (await takeOne()).settle(dead)
        await queue.close()
        queue = await site.open()
        expect(await queue.show(waiting)).toMatchObject({ state: 'delayed', failures: 1, reason: 'later' })
        expect((await queue.show(ended))?.state).toBe('dead')
      })

      it('kill -9 of the gateway that pushes: every call whose push resolved is there', async () => {
        await queue.close()
        const promised = await killedAfter(2000, pushForever(site.source()))
        queue = await site.open()
        const kept = new Set((await queue.list({}, 1_000_000)).map(({ id }) => id))
        expect(promised.filter((id) => !kept.has(id))).toEqual([])
      })

      it('kill -9 of the gateway that runs a call: it is run again within 15 seconds', async () => {
        const id = await queue.push(aCall())
        await queue.close()
        await killedAfter(1, takeAndHang(site.source()))
        const killed = Date.now()
        queue = await site.open()
        const lease = await takeOne()
        expect(lease).toMatchObject({ call: { id }, attempt: 2, failures: 0 })
        expect(Date.now() - killed).toBeLessThan(15_000)
      })
    })

    describe('with several gateways', notRun(site.single), () => {
      it('runs each call once', async () => {
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
        const second = await site.open()
        for (let n = 0; n < 5; n++) await queue.push(aCall())
        expect(await take(100, { hello: 2 })).toHaveLength(2)
        const others = take(100, { hello: 3 }, second)
        expect(await others).toHaveLength(1)
        await second.close()
      })

      it('keeps a lease for as long as its gateway lives', async () => {
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
