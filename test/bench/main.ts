import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Report } from './report.ts'
import { printReport } from './report.ts'

/** Each measures in one run everything that it compares: only ratios within a run mean anything. */
const benches: Readonly<Record<string, () => Promise<Report>>> = {
  cold: async () => (await import('./cold.ts')).coldBench(),
  queue: async () => (await import('./queue.ts')).queueBench(),
  runtimes: async () => (await import('./runtimes.ts')).runtimesBench(),
  invoke: async () => (await import('./invoke.ts')).invokeBench(),
  memory: async () => (await import('./memory.ts')).memoryBench(),
  swarm: async () => (await import('./swarm.ts')).swarmBench(),
}

const resultsFolder = fileURLToPath(new URL('../../bench-results/', import.meta.url))

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in benches))
if (unknown.length > 0) {
  console.error(`There is no bench "${unknown.join('", "')}". There are: ${Object.keys(benches).join(', ')}.`)
  process.exit(2)
}

for (const [name, run] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const report = await run()
  printReport(name, report)
  await keep(name, report)
}

async function keep(name: string, report: Report): Promise<void> {
  const machine = { cores: availableParallelism(), cpu: cpus()[0]?.model, node: process.version }
  const file = `${resultsFolder}${name}.json`
  await mkdir(resultsFolder, { recursive: true })
  await writeFile(file, `${JSON.stringify({ at: new Date().toISOString(), machine, ...report }, undefined, 2)}\n`)
  console.log(`Written to ${file}.\n`)
}
