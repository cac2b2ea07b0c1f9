import { parseArgs } from 'node:util'
import { asyncChaos } from './async.ts'

// `npm run chaos -- async [--queue redis] [--calls 100000] [--kills 25] [--seed 1]`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    queue: { type: 'string', default: 'redis' },
    calls: { type: 'string', default: '100000' },
    kills: { type: 'string', default: '25' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const { queue } = values
if (positionals[0] !== 'async' || (queue !== 'redis' && queue !== 'embedded')) {
  console.error('npm run chaos -- async [--queue redis|embedded] [--calls 100000] [--kills 25] [--seed 1]')
  process.exit(2)
}

const [calls, kills, seed] = [Number(values.calls), Number(values.kills), Number(values.seed)]
console.log(`queue ${queue}, ${calls} calls, ${kills} kills, seed ${seed}`)
const startedAt = performance.now()
const tally = await asyncChaos({ queue, calls, kills, seed, say: console.log })
console.table(tally)
console.log(`${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
process.exitCode = tally.lost === 0 && tally.unmarked === 0 && tally.duplicated <= calls / 1000 ? 0 : 1
