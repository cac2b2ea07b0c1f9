import { afterEach, describe, expect, it } from 'vitest'
import { SkepError } from '../../gateway/core/errors.ts'
import type { Outcome } from '../../gateway/core/carrier.ts'
import type { AnswerSink, Invocation } from '../../gateway/core/invocation.ts'
import { Skep } from '../../gateway/core/skep.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'
import { until } from '../helpers/until.ts'
import { partsOf, place } from './place.ts'

const opened: Skep[] = []
afterEach(() => Promise.all(opened.splice(0).map((skep) => skep.close())))

/** A Skep with one function whose carrier ends its tries as told; `answered` collects what the observer heard. */
async function skepThat(...outcomes: Outcome[]) {
  const there = place()
  const answered: number[] = []
  const ports: number[] = []
  const carrier = {
    ...there.carrier,
    send: (address: { port: number }, _i: Invocation, _l: unknown, ended: (outcome: Outcome) => void) => {
      ports.push(address.port)
      ended(outcomes.shift() ?? { kind: 'done', status: 200 })
    },
  }
  const parts = partsOf({ ...there, carrier })
  const observer = { ...parts.observer, answered: (_key: string, status: number) => void answered.push(status) }
  const skep = new Skep({ ...parts, observer })
  opened.push(skep)
  await skep.start()
  await skep.deploy(FunctionSpec.parse({ name: 'hello', image: 'x', scale: { min: 2 } }))
  const failures: string[] = []
  const answer = { fail: (error: SkepError) => void failures.push(error.code) } as unknown as AnswerSink
  const invoke = (name = 'hello'): void => {
    skep.invoke({ id: 'i', function: name, method: 'GET', target: '/', headers: [], body: undefined, answer })
  }
  return { skep, invoke, answered, failures, ports }
}

const unsent: Outcome = { kind: 'unsent', error: new SkepError('upstream_failed', 'refused', { hint: undefined }) }
const failed: Outcome = { kind: 'failed', error: new SkepError('upstream_timeout', 'late', { hint: undefined }) }

describe('a call', () => {
  it('goes to another replica when the first has seen nothing of it', async () => {
    const { invoke, ports, failures, answered } = await skepThat(unsent)
    invoke()
    expect(new Set(ports).size).toBe(2)
    expect([failures, answered]).toEqual([[], [200]])
  })

  it('is repeated until the function behind a watchdog is there, however often that says that it is not', async () => {
    const unready: Outcome = { kind: 'unready' }
    const { invoke, failures, answered } = await skepThat(...Array<Outcome>(10).fill(unready))
    invoke()
    await until(() => answered.length > 0)
    expect([failures, answered]).toEqual([[], [200]])
  })

  it('is not repeated when the function may have seen it', async () => {
    const { invoke, ports, failures, answered } = await skepThat(failed)
    invoke()
    expect([ports.length, failures, answered]).toEqual([1, ['upstream_timeout'], [504]])
  })

  it.each<[Outcome, number]>([
    [{ kind: 'done', status: 418 }, 418],
    [{ kind: 'cut' }, 502],
    [{ kind: 'caller_left' }, 499],
  ])('that ends as %j gives its lease back and counts as %i', async (outcome, status) => {
    const { skep, invoke, answered } = await skepThat(outcome)
    invoke()
    expect(answered).toEqual([status])
    expect(skep.find('hello')?.pool.inFlight).toBe(0)
  })

  it('of a function that does not exist is refused', async () => {
    const { invoke, failures } = await skepThat()
    invoke('nobody')
    expect(failures).toEqual(['function_not_found'])
  })
})
