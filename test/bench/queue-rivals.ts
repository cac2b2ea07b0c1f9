import { Queue as BullQueue, Worker } from 'bullmq'
import type { Queue } from '../../gateway/core/queue.ts'

/** Calls per second. */
export interface QueueSpeed {
  readonly pushed: number
  readonly drained: number
}

const body = 'x'.repeat(1024)
/** So many push at the same time, and so many calls run at the same time. */
const width = 64

/** What users would take who build this themselves. It keeps its done jobs, as the queues of Skep do. */
export async function bullSpeed(url: string, calls: number): Promise<QueueSpeed> {
  const name = `bench-${crypto.randomUUID()}`
  const queue = new BullQueue(name, { connection: { url } })
  await queue.waitUntilReady()
  const pushed = await perSecond(calls, () => inParallel(calls, () => queue.add('call', { body })))
  const drained = await perSecond(calls, async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    let done = 0
    const worker = new Worker(name, async () => 'ok', { connection: { url }, concurrency: width })
    worker.on('completed', () => ++done === calls && resolve())
    await promise
    await worker.close()
  })
  await queue.close()
  return { pushed, drained }
}

export async function queueSpeed(queue: Queue, calls: number): Promise<QueueSpeed> {
  const name = `bench-${crypto.randomUUID()}`
  const bytes = Buffer.from(body)
  const push = () => queue.push({ id: crypto.randomUUID(), function: name, target: '/', headers: [], body: bytes })
  const pushed = await perSecond(calls, () => inParallel(calls, push))
  const drained = await perSecond(calls, () => drain(queue, name, calls))
  return { pushed, drained }
}

async function drain(queue: Queue, name: string, calls: number): Promise<void> {
  const answer = { status: 200, headers: [], body: Buffer.from('ok'), truncated: false, durationMs: 0 }
  const { signal } = new AbortController()
  const limits = new Map([[name, width]])
  const settled = new Set<Promise<void>>()
  for (let taken = 0; taken < calls;) {
    while (settled.size >= width) await Promise.race(settled)
    const leases = await queue.take({ max: width - settled.size, limits, signal })
    taken += leases.length
    for (const lease of leases) {
      const done = lease.settle({ state: 'done', answer, keepMs: 600_000 }).finally(() => settled.delete(done))
      settled.add(done)
    }
  }
  await Promise.all(settled)
}

async function inParallel(calls: number, push: () => Promise<unknown>): Promise<void> {
  let begun = 0
  const pusher = async (): Promise<void> => {
    while (begun++ < calls) await push()
  }
  await Promise.all(Array.from({ length: width }, pusher))
}

async function perSecond(calls: number, work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return calls / ((performance.now() - startedAt) / 1000)
}
