import { afterEach, beforeEach, expect, it } from 'vitest'
import { AsyncPace } from '../../gateway/triggers/async-pace.ts'
import { until } from '../helpers/until.ts'

let pace: AsyncPace
beforeEach(() => {
  pace = new AsyncPace()
})
afterEach(() => pace.stop())

it('lets almost nothing begin while the gateway is busy, and more again when it is not', async () => {
  const spin = () => {
    for (const until = performance.now() + 50; performance.now() < until;);
    spinning = setImmediate(spin)
  }
  let spinning = setImmediate(spin)
  await until(() => pace.left <= 2)
  clearImmediate(spinning)
  await until(() => pace.left > 1000)
  expect(pace.left).toBeGreaterThan(1000)
})

it('counts what has begun until the next tick', async () => {
  await pace.nextTick()
  const { left } = pace
  pace.begin(5)
  expect(pace.left).toBe(left - 5)
})
