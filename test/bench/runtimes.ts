import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../lab/shell.ts'
import { languagesIn, type Language } from './languages.ts'
import { needPrograms } from './programs.ts'
import { median, rounded, type Report } from './report.ts'
import { startServer } from './runtime-server.ts'
import { wrk } from './wrk.ts'

const connections = 10
const seconds = 2
const rounds = 3
const goal = 0.8

/** The runtimes, each against a bare server of its language: requests per second, memory at rest, time to readiness. */
export async function runtimesBench(): Promise<Report> {
  needPrograms({ wrk: 'wrk', taskset: 'util-linux' })
  const folder = await mkdtemp(join(tmpdir(), 'skep-bench-'))
  try {
    return await measureAll(Object.entries(languagesIn(folder)))
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function measureAll(languages: readonly (readonly [string, Language])[]): Promise<Report> {
  const rows: Report['rows'][number][] = []
  const goals: Report['goals'][number][] = []
  for (const [name, language] of languages) {
    if (!findProgram(language.program)) {
      console.log(`${name} is left out: there is no ${language.program}.`)
      continue
    }
    await language.prepare?.()
    const { row, ratio } = await compare(name, language)
    rows.push(row)
    if (language.isReference) continue
    goals.push({ goal: `${name} at least ${goal} of a bare server`, measured: ratio, met: ratio >= goal })
  }
  return { rows, goals }
}

async function compare(name: string, language: Language) {
  const runtime = await startServer(language.runtime)
  const other = await startServer(language.bare)
  const ratios: number[] = []
  const perSecond: number[] = []
  const [restMiB, bareMiB] = [runtime.memoryMiB(), other.memoryMiB()]
  try {
    for (let round = 0; round < rounds; round++) {
      const load = await wrk(runtime.url, connections, seconds)
      const bareLoad = await wrk(other.url, connections, seconds)
      if (load.errors > 0) throw new Error(`${name}: ${load.errors} requests failed.`)
      perSecond.push(load.requestsPerSecond)
      ratios.push(load.requestsPerSecond / bareLoad.requestsPerSecond)
    }
  } finally {
    await Promise.all([runtime.stop(), other.stop()])
  }
  const ratio = rounded(median(ratios))
  const row = {
    runtime: name,
    'requests/s': Math.round(median(perSecond)),
    'of bare': ratio,
    'at rest MiB': rounded(restMiB, 1),
    'bare MiB': rounded(bareMiB, 1),
    'ready after ms': Math.round(runtime.readyMs),
    'bare ms': Math.round(other.readyMs),
  }
  return { row, ratio }
}
