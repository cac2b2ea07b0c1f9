import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CallState } from '../../gateway/core/queue.ts'
import { aCall } from '../contract/queue-site.ts'
import { until } from '../helpers/until.ts'
import { openStage } from './stage.ts'
import type { Stage } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage.close())

const become = async (id: string, state: CallState) => {
  const record = await until(async () => {
    const found = await stage.queue.show(id, 1000)
    return found?.state === state && found
  })
  if (!record) throw new Error('unreachable')
  return record
}

describe('a queued call', () => {
  it('reaches its function as it was, with its id and the number of its attempt', async () => {
    stage.start()
    const body = Buffer.from([0, 1, 255])
    const call = aCall({ target: '/a/b?c=%20d', headers: ['X-Mine', '1', 'Content-Type', 'image/png'], body })
    await stage.queue.push(call)
    const record = await become(call.id, 'done')
    const [seen] = stage.hello.seen
    expect(seen).toMatchObject({ method: 'POST', url: '/a/b?c=%20d', body })
    expect(seen?.headers).toMatchObject({
      'x-mine': '1',
      'content-type': 'image/png',
      'content-length': '3',
      'x-call-id': call.id,
      'x-attempt': '1',
    })
    expect(record.answer).toMatchObject({ status: 200, body: Buffer.from('hello'), truncated: false })
  })

  it('is tried again with a higher attempt until it is done', async () => {
    stage.answer = (seen, res) => void res.writeHead(seen.headers['x-attempt'] === '3' ? 200 : 500).end()
    stage.start()
    const id = await stage.queue.push(aCall())
    expect(await become(id, 'done')).toMatchObject({ attempt: 3, failures: 2 })
    expect(stage.hello.seen.map(({ headers }) => headers['x-call-id'])).toEqual([id, id, id])
  })

  it('is dead after its last attempt, with the request, the last answer and the reason', async () => {
    stage.policy = { attempts: 2 }
    stage.answer = (_, res) => void res.writeHead(500, { 'X-Why': 'broken' }).end('stack trace')
    stage.start()
    const id = await stage.queue.push(aCall({ body: Buffer.from('order 7') }))
    const record = await become(id, 'dead')
    expect(record).toMatchObject({ attempt: 2, reason: 'It answered 500 at the last of 2 attempts.' })
    expect(record.request?.body).toEqual(Buffer.from('order 7'))
    expect(record.answer).toMatchObject({ status: 500, body: Buffer.from('stack trace') })
    expect(record.answer?.headers).toContain('X-Why')
  })

  it('for a function that is not there is dead in the end, and runs when it is sent to one that is', async () => {
    stage.policy = { attempts: 2 }
    stage.start()
    const id = await stage.queue.push(aCall({ function: 'removed' }))
    expect((await become(id, 'dead')).reason).toContain('There is no removed')
    await stage.queue.change({ id }, { action: 'retry', function: 'hello' })
    await become(id, 'done')
  })

  it('is dead when it has waited for too long, and does not run', async () => {
    stage.policy = { 'max-age': '1ms' }
    const id = await stage.queue.push(aCall())
    await until(async () => Date.now() - ((await stage.queue.show(id))?.acceptedAt ?? Infinity) > 10)
    stage.start()
    expect((await become(id, 'dead')).reason).toContain('waited')
    expect(stage.hello.seen).toEqual([])
  })

  it('that breaks off in the middle of its answer is tried again', async () => {
    stage.answer = (seen, res) => {
      if (seen.headers['x-attempt'] === '2') return void res.end('whole')
      res.writeHead(200, { 'Content-Length': 100 })
      res.write('half', () => res.destroy())
    }
    stage.start()
    const id = await stage.queue.push(aCall())
    expect((await become(id, 'done')).answer?.body).toEqual(Buffer.from('whole'))
  })

  it('has as much of a long answer kept as is allowed, and that is said', async () => {
    stage.answer = (_, res) => void res.end('0123456789')
    stage.start({ maxAnswerBytes: 4 })
    const { answer } = await become(await stage.queue.push(aCall()), 'done')
    expect(answer).toMatchObject({ body: Buffer.from('0123'), truncated: true })
  })

  it('that was cancelled is cut off at its function', async () => {
    let cut = false
    stage.answer = (_, res) => void res.on('close', () => (cut = true))
    stage.start()
    const id = await stage.queue.push(aCall())
    await until(() => stage.hello.seen.length === 1)
    await stage.queue.change({ id }, { action: 'cancel' })
    await until(() => cut)
    expect((await stage.queue.show(id))?.state).toBe('cancelled')
  })
})

describe('a function that pushes back', () => {
  it('gets its call again after the time that it asked for, and that costs no attempt', async () => {
    const at: number[] = []
    stage.policy = { attempts: 1 }
    stage.answer = (_, res) => {
      if (at.push(performance.now()) === 2) res.end()
      else res.writeHead(429, { 'Retry-After': '1' }).end()
    }
    stage.start()
    const id = await stage.queue.push(aCall())
    expect(await become(id, 'done')).toMatchObject({ attempt: 2, failures: 0 })
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(990)
  })

  it('gets nothing during that time and fewer calls at a time after it', async () => {
    let [busy, most, pushed] = [0, 0, false]
    stage.policy = { concurrency: 8 }
    stage.answer = (_, res) => {
      if (!pushed) {
        pushed = true
        return void res.writeHead(503, { 'Retry-After': '1' }).end()
      }
      most = Math.max(most, ++busy)
      setTimeout(() => {
        busy--
        res.end()
      }, 50)
    }
    stage.start()
    const first = await stage.queue.push(aCall())
    await until(async () => (await stage.queue.show(first))?.state === 'delayed')
    for (let n = 0; n < 12; n++) await stage.queue.push(aCall())
    await become(first, 'done')
    await until(async () => (await stage.queue.depth()).get('hello')?.done === 13)
    expect(most).toBeLessThanOrEqual(6)
    expect(stage.hello.seen).toHaveLength(14)
  })
})

describe('the trigger', () => {
  it('runs no more calls of a function at a time than its limit', async () => {
    let [busy, most] = [0, 0]
    stage.policy = { concurrency: 3 }
    stage.answer = (_, res) => {
      most = Math.max(most, ++busy)
      setTimeout(() => {
        busy--
        res.end()
      }, 20)
    }
    stage.start()
    for (let n = 0; n < 30; n++) await stage.queue.push(aCall())
    await until(async () => (await stage.queue.depth()).get('hello')?.done === 30)
    expect(most).toBe(3)
  })

  it('lets what runs end when it is stopped, and begins nothing new', async () => {
    stage.policy = { concurrency: 1 }
    let finish = () => {}
    stage.answer = (_, res) => void (finish = () => res.end())
    stage.start()
    const [running, waiting] = [await stage.queue.push(aCall()), await stage.queue.push(aCall())]
    await until(() => stage.hello.seen.length === 1)
    const stopped = stage.stop()
    finish()
    await stopped
    expect((await stage.queue.show(running))?.state).toBe('done')
    expect((await stage.queue.show(waiting))?.state).toBe('waiting')
  })

  it('gives back what does not end in time, at once and without a failure', async () => {
    stage.answer = () => {}
    stage.start({ drainMs: 50 })
    const id = await stage.queue.push(aCall())
    await until(() => stage.hello.seen.length === 1)
    await stage.stop()
    expect(await stage.queue.show(id)).toMatchObject({ state: 'waiting', attempt: 1, failures: 0 })
  })
})

describe('where the answer goes', () => {
  it('on success: to another function, with the answer', async () => {
    stage.policy = { 'on-success': 'hello' }
    stage.answer = (seen, res) => {
      res.setHeader('Content-Type', 'text/csv')
      res.end(seen.headers['x-source-call-id'] ? 'end' : 'a,b')
    }
    stage.start()
    const id = await stage.queue.push(aCall())
    const next = await until(() => stage.hello.seen.find(({ headers }) => headers['x-source-call-id'] === id))
    expect(next).toMatchObject({ body: Buffer.from('a,b') })
    expect(next?.headers).toMatchObject({
      'content-type': 'text/csv',
      'x-function-status': '200',
      'x-function-name': 'hello',
    })
  })

  it('not in circles for ever', async () => {
    stage.policy = { 'on-success': 'hello' }
    stage.start()
    await stage.queue.push(aCall())
    await until(async () => (await stage.queue.depth()).get('hello')?.done === 11)
    expect(stage.hello.seen.at(-1)?.headers['x-skep-hops']).toBe('10')
  })

  it('on failure: the request to another function, with the status', async () => {
    stage.policy = { attempts: 1, 'on-failure': 'hello' }
    stage.answer = (seen, res) => void res.writeHead(seen.headers['x-source-call-id'] ? 200 : 500).end()
    stage.start()
    const id = await stage.queue.push(aCall({ body: Buffer.from('order 7') }))
    const next = await until(() => stage.hello.seen.find(({ headers }) => headers['x-source-call-id'] === id))
    expect(next?.body).toEqual(Buffer.from('order 7'))
    expect(next?.headers['x-function-status']).toBe('500')
  })
})
