import { expect, it } from 'vitest'
import { needs } from '../helpers/needs.ts'
import { deploysChaos } from './deploys.ts'
import { sites } from './deploys-site.ts'

it(
  'fails no call while a function is deployed, well and badly, rolled back, scaled, tried as a canary and removed',
  { ...needs('docker'), timeout: 300_000 },
  async () => {
    const site = await sites.docker()
    try {
      const tally = await deploysChaos({
        site,
        perSecond: 100,
        requests: 2000,
        deploys: 5,
        rollbacks: 2,
        scales: [3, 1, 0],
        slowMs: 6000,
        pauseMs: 200,
        say: () => {},
      })
      expect(tally).toMatchObject({ failed: 0, stale: 0, problems: [], long: { problems: [] } })
      expect(Math.min(tally.long.slow, tally.long.events, tally.long.messages)).toBeGreaterThan(0)
    } finally {
      await site.close()
    }
  },
)
