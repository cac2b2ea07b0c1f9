import { parseArgs } from 'node:util'
import { runAsync } from './run-async.ts'
import { runDeploys } from './run-deploys.ts'

// `npm run chaos -- async [--queue redis] [--calls 100000] [--kills 25] [--seed 1]`
// `npm run chaos -- deploys [--provider docker] [--requests 50000] [--rate 200]`

const chaos = { async: runAsync, deploys: runDeploys }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    queue: { type: 'string', default: 'redis' },
    calls: { type: 'string', default: '100000' },
    kills: { type: 'string', default: '25' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    provider: { type: 'string', default: 'docker' },
    requests: { type: 'string', default: '50000' },
    rate: { type: 'string', default: '200' },
  },
})
export type ChaosOptions = typeof values
const run = Object.entries(chaos).find(([name]) => name === positionals[0])?.[1]
if (!run) {
  console.error(`npm run chaos -- ${Object.keys(chaos).join('|')}`)
  process.exit(2)
}
const startedAt = performance.now()
process.exitCode = (await run(values)) ? 0 : 1
console.log(`${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
