import { Readable } from 'node:stream'
import { afterEach, expect, it } from 'vitest'
import type { SkepError } from '../../gateway/core/errors.ts'
import type { AnswerSink, Invocation } from '../../gateway/core/invocation.ts'
import { BriefAnswer } from '../../gateway/core/brief-answer.ts'
import { Skep } from '../../gateway/core/skep.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'
import { until } from '../helpers/until.ts'
import { memoryStore, partsOf, place } from './place.ts'

const opened: Skep[] = []
afterEach(() => Promise.all(opened.splice(0).map((skep) => skep.close())))

const store = memoryStore()
const there = place()
/** Says what came, and answers with the status of the revision: the first one fails. */
const sent: { revision: string; invocation: Invocation }[] = []
there.carrier.send = ({ port }, invocation, _limits, ended) => {
  const revision = there.world.running.get(`r${port}`)?.revision ?? ''
  sent.push({ revision, invocation })
  ended({ kind: 'done', status: revision === 'hello-1' ? 500 : 200 })
}

async function open(): Promise<Skep> {
  const skep = new Skep(partsOf(there, store))
  opened.push(skep)
  await skep.start()
  return skep
}

const call = (body?: Invocation['body'], headers: string[] = []): Invocation => ({
  ...{ id: 'call', function: 'hello', method: 'POST', target: '/x', headers, body, answer: new BriefAnswer() },
})

it('a mirror compares how requests and their copies went, and outlives the gateway', async () => {
  const before = await open()
  for (const image of ['a', 'b']) await before.deploy(FunctionSpec.parse({ name: 'hello', image }))
  await before.mirror('hello', { revision: 1, percent: 100 })
  await before.close()
  const skep = await open()
  await until(() => skep.get('hello').pool.available === 1)
  for (let i = 0; i < 3; i++) skep.invoke(call(Buffer.from('hi')))
  await until(() => skep.get('hello').mirror?.copies.requests === 3)
  expect(skep.loads()[0]?.mirrored).toEqual({ same: 0, different: 3, skipped: 0 })
  const copies = sent.filter(({ revision }) => revision === 'hello-1')
  expect(copies.map(({ invocation }) => [invocation.body, invocation.headers])).toEqual(
    Array.from({ length: 3 }, () => [Buffer.from('hi'), ['X-Skep-Mirror', '1']]),
  )
  await expect(skep.mirror('hello', { revision: 9, percent: 1 })).rejects.toMatchObject({ code: 'not_found' })
})

it('a mirror leaves out bodies that are long or do not say how long they are, without touching them', async () => {
  const skep = await open()
  const bodies = [new Readable({ read() {} }), new Readable({ read() {} })]
  skep.invoke(call(bodies[0], ['Content-Length', String(2 ** 21)]))
  skep.invoke(call(bodies[1]))
  expect(skep.loads()[0]?.mirrored).toMatchObject({ skipped: 2 })
  expect(bodies.map((body) => [body.readableFlowing, body.eventNames()])).toEqual([
    [null, []],
    [null, []],
  ])
})

it('a mirror does not compare an answer that is the gateway’s own', async () => {
  const skep = await open()
  const answered: number[] = []
  const answer = { fail: ({ status }: SkepError) => void answered.push(status) } as unknown as AnswerSink
  skep.invoke({ ...call(), answer, revision: '9' })
  expect(answered).toEqual([404])
  await until(() => skep.get('hello').mirror?.skipped === 1)
  expect(skep.loads()[0]?.mirrored).toEqual({ same: 0, different: 0, skipped: 1 })
})
