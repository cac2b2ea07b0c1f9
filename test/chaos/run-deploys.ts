import { prepareGround } from '../lab/ground.ts'
import type { ChaosOptions } from './main.ts'

/** Resolves with whether no call failed and none was answered by a revision without traffic. */
export async function runDeploys({ provider, requests, rate }: ChaosOptions): Promise<boolean> {
  await using ground = await prepareGround(console.log, 'as found')
  Object.assign(process.env, ground.environment) // before the first look for an engine
  const { sites } = await import('./deploys-site.ts')
  const { deploysChaos } = await import('./deploys.ts')
  const open = Object.entries(sites).find(([name]) => name === provider)?.[1]
  if (!open) throw new Error(`--provider ${Object.keys(sites).join('|')}`)
  const site = await open()
  try {
    const tally = await deploysChaos({
      site,
      perSecond: Number(rate),
      requests: Number(requests),
      deploys: 20,
      rollbacks: 5,
      scales: [5, 1, 0, 1],
      slowMs: 30_000,
      pauseMs: 3000,
      say: console.log,
    })
    const { latencies, ...figures } = tally
    console.table(latencies)
    console.dir(figures, { depth: 3 })
    return tally.failed === 0 && tally.stale === 0 && tally.long.problems.length === 0
  } finally {
    await site.close()
  }
}
