import { expect, it } from 'vitest'
import { asyncChaos } from './async.ts'

it.each(['embedded', 'redis'] as const)(
  'loses no call that was accepted, whatever is killed: %s',
  async (queue) => {
    const kills = 5
    const tally = await asyncChaos({ queue, calls: 5000, kills, seed: 20261121, say: () => {} })
    expect(tally).toMatchObject({ lost: 0, unmarked: 0, dead: 0 })
    expect(tally.done).toBeGreaterThanOrEqual(tally.accepted)
    // What runs at the moment of a kill runs again: four calls at a time on each of two gateways.
    expect(tally.duplicated).toBeLessThanOrEqual(kills * 8)
  },
  240_000,
)
