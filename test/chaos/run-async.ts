import { asyncChaos } from './async.ts'
import type { ChaosOptions } from './main.ts'

/** Resolves with whether no call was lost. */
export async function runAsync(values: ChaosOptions): Promise<boolean> {
  const { queue } = values
  if (queue !== 'redis' && queue !== 'embedded') throw new Error('--queue redis or --queue embedded')
  const [calls, kills, seed] = [Number(values.calls), Number(values.kills), Number(values.seed)]
  console.log(`queue ${queue}, ${calls} calls, ${kills} kills, seed ${seed}`)
  const tally = await asyncChaos({ queue, calls, kills, seed, say: console.log })
  console.table(tally)
  return tally.lost === 0 && tally.unmarked === 0 && tally.duplicated <= calls / 1000
}
