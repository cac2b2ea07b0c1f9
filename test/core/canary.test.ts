import { afterEach, describe, expect, it } from 'vitest'
import { CanaryPlan, type CanaryState, judge } from '../../gateway/core/canary.ts'
import type { Outcome } from '../../gateway/core/carrier.ts'
import type { AnswerSink, Invocation } from '../../gateway/core/invocation.ts'
import { Skep } from '../../gateway/core/skep.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'
import { Tally } from '../../gateway/core/tally.ts'
import { Team } from '../../gateway/core/team.ts'
import { until } from '../helpers/until.ts'
import { memoryStore, partsOf, place } from './place.ts'

function tally(requests: number, errors: number, seconds = 0.05): Tally {
  const counted = new Tally('4/0')
  for (let i = 0; i < requests; i++) counted.add(i < errors ? 500 : 200, seconds)
  return counted
}

const plan = CanaryPlan.parse({ steps: [10], every: '1m' })

describe('a canary', () => {
  it.each([
    { why: 'too few calls', canary: tally(49, 0), stable: tally(500, 0), ms: 600_000, verdict: 'wait' },
    { why: 'too early', canary: tally(500, 0), stable: tally(500, 0), ms: 59_000, verdict: 'wait' },
    { why: 'as good as the other', canary: tally(100, 1), stable: tally(500, 0), ms: 60_000, verdict: 'good' },
    { why: 'failing', canary: tally(100, 2), stable: tally(500, 0), ms: 60_000, verdict: 'bad' },
    { why: 'failing like the other', canary: tally(100, 20), stable: tally(500, 100), ms: 60_000, verdict: 'good' },
    {
      why: 'failing at once, before its step is over',
      canary: tally(5, 5),
      stable: tally(0, 0),
      ms: 500,
      verdict: 'bad',
    },
    { why: 'failing as often by chance', canary: tally(30, 8), stable: tally(120, 24), ms: 500, verdict: 'wait' },
    { why: 'failing far more often', canary: tally(30, 20), stable: tally(120, 24), ms: 500, verdict: 'bad' },
    { why: 'slower', canary: tally(100, 0, 0.2), stable: tally(500, 0, 0.1), ms: 60_000, verdict: 'bad' },
    { why: 'faster', canary: tally(100, 0, 0.05), stable: tally(500, 0, 0.1), ms: 60_000, verdict: 'good' },
  ])('that is $why: $verdict', ({ canary, stable, ms, verdict }) => {
    expect(judge(canary, stable, plan, ms)).toMatchObject({ verdict, because: expect.stringMatching(/\.$/) })
  })

  it('knows percentiles to about ten percent', () => {
    const counted = new Tally('4/0')
    for (let i = 1; i <= 1000; i++) counted.add(200, i / 1000)
    expect(counted.percentile(0.95)).toBeGreaterThan(0.94)
    expect(counted.percentile(0.95)).toBeLessThan(1.05)
  })
})

const opened: Skep[] = []
afterEach(() => Promise.all(opened.splice(0).map((skep) => skep.close())))

const hello = FunctionSpec.parse({ name: 'hello', image: 'a' })
const canary = CanaryPlan.parse({ steps: [30, 60], every: '0s', 'min-requests': 20 })

function callHello(skep: Skep): void {
  const answer = {} as AnswerSink
  skep.invoke({ id: 'i', function: 'hello', method: 'GET', target: '/', headers: [], body: undefined, answer })
}

/** A function with two revisions, of which the second answers with that status; it is called all the time. */
async function underWay(canaryStatus: number, store = memoryStore()) {
  const there = place()
  const send = (address: { port: number }, _i: Invocation, _l: unknown, ended: (outcome: Outcome) => void): void => {
    const second =
      [...there.world.running.values()].find((replica) => replica.address.port === address.port)?.revision === 'hello-2'
    ended({ kind: 'done', status: second ? canaryStatus : 200 })
  }
  const skep = new Skep({ ...partsOf(there, store), carrier: { ...there.carrier, send } })
  opened.push(skep)
  await skep.start()
  await skep.deploy(hello)
  await skep.deploy({ ...hello, image: 'b' }, { canary })
  return { skep, call: () => callHello(skep), there, store }
}

const shares = (skep: Skep): string =>
  JSON.stringify(skep.get('hello').shares.map(({ revision, weight }) => [revision, weight]))

describe('a canary under way', () => {
  it('begins with its first share, and is promoted step by step when it is good', async () => {
    const { skep, call } = await underWay(200)
    expect(shares(skep)).toBe('[[2,30],[1,70]]')
    const seen = new Set<string>()
    await until(() => {
      for (let i = 0; i < 50; i++) call()
      seen.add(shares(skep))
      return shares(skep) === '[[2,100]]'
    })
    expect([...seen]).toEqual(['[[2,30],[1,70]]', '[[2,60],[1,40]]', '[[2,100]]'])
    expect(skep.get('hello').canaryNote?.text).toMatch(/^Revision 2 was promoted: /)
  })

  it('gives the traffic back when it is not', async () => {
    const { skep, call } = await underWay(500)
    await until(() => {
      for (let i = 0; i < 20; i++) call()
      return shares(skep) === '[[1,100]]'
    })
    expect(skep.get('hello').canaryNote?.text).toMatch(/^Revision 2 was rolled back: .* calls failed/)
  })

  it('is not judged by calls that began before its step', async () => {
    const there = place()
    const held: ((outcome: Outcome) => void)[] = []
    let calls = 0
    const send = (address: { port: number }, _i: Invocation, _l: unknown, ended: (outcome: Outcome) => void): void => {
      if (there.world.running.size === 1) return void held.push(ended)
      const isFailed = address.port === 2 && calls++ % 2 === 0
      ended({ kind: 'done', status: isFailed ? 500 : 200 })
    }
    const skep = new Skep({ ...partsOf(there), carrier: { ...there.carrier, send } })
    opened.push(skep)
    await skep.start()
    await skep.deploy(hello)
    for (let i = 0; i < 90; i++) callHello(skep)
    await skep.deploy({ ...hello, image: 'b' }, { canary })
    await until(() => skep.get('hello').canaryNote?.text.startsWith('It waits for calls'))
    for (const ended of held) ended({ kind: 'done', status: 500 })
    for (let i = 0; i < 120; i++) callHello(skep)
    await until(() => skep.get('hello').canary === undefined)
    expect(shares(skep)).toBe('[[1,100]]')
  })

  it('that came to nothing is where no rollback goes by itself, not after a start of the gateway either', async () => {
    const { skep, call, there, store } = await underWay(500)
    await until(() => {
      for (let i = 0; i < 20; i++) call()
      return shares(skep) === '[[1,100]]'
    })
    await skep.deploy(FunctionSpec.parse({ name: 'hello', image: 'c' }))
    await skep.close()
    const next = new Skep(partsOf(there, store))
    opened.push(next)
    await next.start()
    expect(next.get('hello').pools.map(({ revision }) => revision.number)).toEqual([3, 2, 1])
    expect(await next.rollback('hello')).toMatchObject({ number: 1 })
    expect(await next.rollback('hello', 2)).toMatchObject({ number: 2 })
    expect(next.get('hello').rejected).toEqual([])
  })

  it('goes on when the gateway is started again', async () => {
    const { skep, there, store } = await underWay(200)
    await skep.close()
    const next = new Skep(partsOf(there, store))
    opened.push(next)
    await next.start()
    expect(shares(next)).toBe('[[2,30],[1,70]]')
    expect(next.get('hello').canary).toMatchObject({ revision: 2, stable: 1, step: 0 })
  })

  it.each([1, undefined])('ends when somebody rolls back (to %s)', async (to) => {
    const { skep } = await underWay(200)
    await until(() => skep.get('hello').canaryNote?.text.startsWith('It waits for calls'))
    await skep.rollback('hello', to)
    expect(skep.get('hello').canaryNote).toBeUndefined()
    expect(skep.get('hello').canary).toBeUndefined()
    expect(shares(skep)).toBe('[[1,100]]')
  })

  it('goes no further when somebody decides otherwise while it is being judged', async () => {
    const team = new Team(partsOf(place()))
    await team.start()
    await team.deploys.deploy(FunctionSpec.parse({ name: 'hello', image: 'a' }))
    await team.deploys.deploy(FunctionSpec.parse({ name: 'hello', image: 'b' }), { canary: plan })
    const found = team.functions.get('hello')
    const judged = found.canary as CanaryState
    const rollback = team.traffic.rollback('hello')
    expect(await team.traffic.advance(found, judged, 2)).toBe(false)
    await rollback
    expect(found.shares).toEqual([{ revision: 1, weight: 100 }])
    await team.close()
  })
})
