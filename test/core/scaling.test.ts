import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LoadMeter, wantedReplicas } from '../../gateway/core/scaling.ts'

const policy = { minReplicas: 0, maxReplicas: 5, target: 10, idleMs: 60_000, downWindowMs: 30_000 }
const quiet = { average: 0, peakReplicas: 0, idleForMs: 0 }

describe('wanted replicas', () => {
  it.each([
    { why: 'a cold function stays cold', load: quiet, current: 0, wanted: 0 },
    { why: 'one that was used lately stays warm', load: quiet, current: 1, wanted: 1 },
    { why: 'an idle one goes to zero', load: { ...quiet, idleForMs: 60_000 }, current: 3, wanted: 0 },
    { why: 'load grows it', load: { ...quiet, average: 25, peakReplicas: 3 }, current: 1, wanted: 3 },
    {
      why: 'exactly the target needs no more',
      load: { ...quiet, average: 20, peakReplicas: 2 },
      current: 2,
      wanted: 2,
    },
    { why: 'never beyond the maximum', load: { ...quiet, average: 500, peakReplicas: 50 }, current: 5, wanted: 5 },
    { why: 'a recent peak keeps it', load: { ...quiet, average: 1, peakReplicas: 4 }, current: 4, wanted: 4 },
    { why: 'a past peak does not', load: { ...quiet, average: 1, peakReplicas: 1 }, current: 4, wanted: 1 },
  ])('$why', ({ load, current, wanted }) => expect(wantedReplicas(load, policy, current)).toBe(wanted))

  it('keeps what an operator asked for until the function is idle', () => {
    expect(wantedReplicas({ ...quiet, peakReplicas: 1 }, policy, 3, 3)).toBe(3)
    expect(wantedReplicas({ ...quiet, idleForMs: 60_000 }, policy, 3, 3)).toBe(0)
  })

  it('is always between the minimum and the maximum', () => {
    const load = fc.record({
      average: fc.double({ min: 0, max: 1e6, noNaN: true }),
      peakReplicas: fc.nat(),
      idleForMs: fc.nat(),
    })
    fc.assert(
      fc.property(load, fc.nat(10), fc.nat(5), fc.nat(20), (load, minReplicas, more, current) => {
        const limits = { ...policy, minReplicas, maxReplicas: minReplicas + more + 1 }
        const wanted = wantedReplicas(load, limits, current)
        expect(wanted).toBeGreaterThanOrEqual(minReplicas)
        expect(wanted).toBeLessThanOrEqual(limits.maxReplicas)
      }),
    )
  })
})

describe('the load meter', () => {
  it('does not take a short burst for a load', () => {
    const meter = new LoadMeter(policy, 0)
    meter.sample(0, 0, 0)
    expect(wantedReplicas(meter.sample(30, 500, 500), policy, 1)).toBe(1)
  })

  it('remembers a peak for a while, then lets go', () => {
    const meter = new LoadMeter(policy, 0)
    let now = 0
    for (let i = 0; i < 20; i++) meter.sample(40, now, (now += 500))
    expect(meter.sample(0, now, now + 1000).peakReplicas).toBe(4)
    for (let i = 0; i < 20; i++) meter.sample(0, now, (now += 500))
    expect(meter.sample(0, now, now + policy.downWindowMs + 1).peakReplicas).toBe(1)
  })
})
