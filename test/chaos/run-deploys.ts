import { prepareGround } from '../lab/ground.ts'
import type { ChaosOptions } from './main.ts'

/** About as many there are. */
const changes = 35

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
      // The calls between the changes are spread over all of them: what else the machine does meets both alike.
      pauseMs: Math.max(3000, (1000 * Number(requests)) / Number(rate) / changes),
      say: console.log,
    })
    const { latencies, ...figures } = tally
    console.table(latencies)
    const p99 = (when: string): number => latencies.find((row) => row.when === when)?.p99 ?? NaN
    console.log(
      `p99 while it is deployed: ${(p99('deploys') / p99('between changes')).toFixed(2)} × the one in between`,
    )
    console.dir(figures, { depth: 3 })
    return tally.failed === 0 && tally.stale === 0 && tally.long.problems.length === 0
  } finally {
    await site.close()
  }
}
