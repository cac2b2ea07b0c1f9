import { describe, expect, it } from 'vitest'
import { Restarts } from '../../gateway/core/restarts.ts'

/** The delays of so many ends, each as soon as its predecessor's delay is over. */
function delays(restarts: Restarts, ends: number): number[] {
  let now = 0
  return Array.from({ length: ends }, () => {
    const delay = restarts.delayMs(now)
    restarts.started()
    now += delay
    return delay
  })
}

describe('a service that ends again and again', () => {
  it('is started at once, then ever later, and after a burst only every five minutes', () => {
    const restarts = new Restarts(true)
    expect(delays(restarts, 10)).toEqual([0, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    expect(restarts.delayMs(121_500)).toBe(300_000)
    expect(restarts.isHeld).toBe(true)
  })

  it('is held no longer when it is ready, and begins anew when it has lasted', () => {
    const restarts = new Restarts(true)
    delays(restarts, 11)
    restarts.started()
    expect(restarts.isHeld).toBe(false)
    expect(restarts.delayMs(10_000_000)).toBe(0)
  })
})

describe('any other function', () => {
  it('is started at once each time that it was ready, and later only when it was not', () => {
    expect(delays(new Restarts(false), 3)).toEqual([0, 0, 0])
    const never = new Restarts(false)
    expect([0, 1, 2].map((now) => never.delayMs(now))).toEqual([0, 500, 1000])
  })
})
