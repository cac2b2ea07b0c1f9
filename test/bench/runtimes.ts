import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '../lab/shell.ts'
import { languagesIn, type Language } from './languages.ts'
import { addedMiB } from './image-size.ts'
import { needPrograms } from './programs.ts'
import { median, rounded, type Report } from './report.ts'
import { startServer, type StartedServer } from './runtime-server.ts'
import { wrk } from './wrk.ts'

const connections = 10
const seconds = 1
const rounds = 7
const goal = 0.8
const imageGoalMiB = 1

/**
 * The runtimes, each against a bare server of its language: requests per second of one core, memory at rest, time to
 * readiness. Both keep their core busy; by its time, what else the machine does meanwhile does not count.
 */
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
    const reason = await whyLeftOut(language)
    if (reason !== undefined) {
      console.log(`${name} is left out: ${reason}`)
      continue
    }
    const { row, ratio } = await compare(name, language)
    const imageMiB = language.base && (await addedMiB(name, language.base))
    rows.push({ ...row, 'image +MiB': imageMiB === undefined ? '' : rounded(imageMiB, 3) })
    if (!language.isReference) goals.push(...goalsOf(name, ratio, imageMiB))
  }
  return { rows, goals }
}

async function whyLeftOut(language: Language): Promise<string | undefined> {
  if (!findProgram(language.program)) return `there is no ${language.program}.`
  try {
    await language.prepare?.()
    return undefined
  } catch (error) {
    if (!language.isReference) throw error
    return String(error instanceof Error ? error.message : error) // it comes from a registry, which may be away
  }
}

function goalsOf(name: string, ratio: number, imageMiB: number | undefined): Report['goals'] {
  const speed = { goal: `${name} at least ${goal} of a bare server`, measured: ratio, met: ratio >= goal }
  if (imageMiB === undefined) return [speed]
  const image = `${name}: an image less than ${imageGoalMiB} MiB larger than its base`
  return [speed, { goal: image, measured: rounded(imageMiB, 3), met: imageMiB < imageGoalMiB }]
}

async function compare(name: string, language: Language) {
  const runtime = await startServer(language.runtime)
  const other = await startServer(language.bare)
  const perSecond: number[] = []
  const barePerSecond: number[] = []
  const [restMiB, bareMiB] = [runtime.memoryMiB(), other.memoryMiB()]
  try {
    for (const server of [runtime, other]) await perCoreSecond(server) // until it is compiled
    for (let round = 0; round < rounds; round++) {
      const load = await perCoreSecond(runtime)
      if (load.errors > 0) throw new Error(`${name}: ${load.errors} requests failed.`)
      perSecond.push(load.requests)
      barePerSecond.push((await perCoreSecond(other)).requests)
    }
  } finally {
    await Promise.all([runtime.stop(), other.stop()])
  }
  const ratio = rounded(median(perSecond) / median(barePerSecond))
  const row = {
    runtime: name,
    'requests/s of a core': Math.round(median(perSecond)),
    'of bare': ratio,
    'at rest MiB': rounded(restMiB, 1),
    'bare MiB': rounded(bareMiB, 1),
    'ready after ms': Math.round(runtime.readyMs),
    'bare ms': Math.round(other.readyMs),
  }
  return { row, ratio }
}

async function perCoreSecond(server: StartedServer): Promise<{ requests: number; errors: number }> {
  const before = server.coreSeconds()
  const { requestsPerSecond, errors } = await wrk(server.url, connections, seconds)
  return { requests: (requestsPerSecond * seconds) / (server.coreSeconds() - before), errors }
}
