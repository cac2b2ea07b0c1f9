import { describe, expect, it } from 'vitest'
import { Demand } from '../../gateway/core/demand.ts'

const demandOf = (type: 'capacity' | 'rps' | 'cpu' | 'queue', target: number, concurrency = 100): Demand =>
  new Demand({ type, target, concurrency }, 0)

describe('demand', () => {
  it('by capacity is what is in flight and waits', () => {
    expect(demandOf('capacity', 10).at(7, 500)).toBe(7)
  })

  it('by requests a second is how many were let in since the last look', () => {
    const demand = demandOf('rps', 50)
    demand.served = 30
    expect(demand.at(0, 500)).toBe(60)
    demand.served = 40
    expect(demand.at(0, 1500)).toBe(10)
    expect(demand.at(0, 2000)).toBe(0)
  })

  it.each(['cpu', 'queue'] as const)('by %s is what was told', (type) => {
    const demand = demandOf(type, 50)
    demand.signal = 420
    expect(demand.at(3, 500)).toBe(420)
  })

  it('by what cannot be known is what is in flight, ten of which are the target', () => {
    expect(demandOf('cpu', 500).at(20, 500)).toBe(1000)
  })

  it('is never less than what makes room for those in flight and waiting', () => {
    // Slow requests: few a second, and more of them than a replica may have.
    expect(demandOf('rps', 50, 4).at(20, 500)).toBe(250)
  })
})
