import { afterEach, beforeEach, expect } from 'vitest'
import type { CallLease, Queue, QueuedAnswer, QueuedCall } from '../../gateway/core/queue.ts'

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
export const done = { state: 'done', answer: anAnswer, keepMs: 60_000 } as const
export const dead = { state: 'dead', reason: 'it answered 500', answer: anAnswer, keepMs: 60_000 } as const

export const idsOf = (leases: readonly CallLease[]): string[] => leases.map(({ call }) => call.id)

/** What the tests of the contract work with: each test has an empty queue. */
export interface OpenQueue {
  readonly queue: Queue
  /** Ends every `take`. */
  readonly stop: AbortController
  readonly take: (max?: number, limits?: Record<string, number>, from?: Queue) => Promise<CallLease[]>
  readonly takeOne: () => Promise<CallLease>
  /** Nothing may run: it still waits after a call that was pushed later has come through. */
  readonly nothingBut: (id: string, limits: Record<string, number>) => Promise<void>
  /** Opens the queue again, after it was closed. */
  readonly reopen: (options?: { maxBytes: number }) => Promise<Queue>
}

/** Opens the queue for each test. */
export function useQueue(site: QueueSite): () => OpenQueue {
  let open: OpenQueue
  beforeEach(async () => {
    await site.wipe()
    open = openQueue(await site.open(), site)
  })
  afterEach(async () => {
    open.stop.abort()
    await open.queue.close()
  })
  return () => open
}

function openQueue(first: Queue, site: QueueSite): OpenQueue {
  let queue = first
  const open: OpenQueue = {
    get queue() {
      return queue
    },
    stop: new AbortController(),
    take: (max = 100, limits = { hello: 100 }, from = queue) =>
      from.take({ max, limits: new Map(Object.entries(limits)), signal: open.stop.signal }),
    takeOne: async () => {
      const [lease] = await open.take(1)
      if (!lease) throw new Error('The queue gave no call.')
      return lease
    },
    nothingBut: async (id, limits) => {
      await queue.push(aCall({ id, function: 'canary' }))
      expect(idsOf(await open.take(100, { ...limits, canary: 1 }))).toEqual([id])
    },
    reopen: async (options) => (queue = await site.open(options)),
  }
  return open
}
