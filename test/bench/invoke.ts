import { needPrograms } from './programs.ts'
import { median, rounded } from './report.ts'
import type { Goal, Report } from './report.ts'
import { nginxProxy, skep, staticFunction } from './servers.ts'
import type { Target } from './servers.ts'
import { wrk } from './wrk.ts'
import type { Load } from './wrk.ts'

const rounds = 7
const seconds = 2
const warmUpSeconds = 3
const connectionCounts = [10, 64] as const

const names = ['direct', 'nginx', 'skep'] as const
type Name = (typeof names)[number]
/** One load on each, one after the other: what disturbs the machine disturbs all of them. */
type Round = Readonly<Record<Name, Load>>

/** What standing in the way costs: a function directly, behind one nginx worker, and behind Skep. */
export async function invokeBench(): Promise<Report> {
  needPrograms({ wrk: 'wrk', nginx: 'nginx-light', taskset: 'util-linux' })
  const direct = await staticFunction()
  const targets: Record<Name, Target> = { direct, nginx: await nginxProxy(direct), skep: await skep(direct) }
  try {
    return await measure(targets)
  } finally {
    for (const target of Object.values(targets)) await target.stop()
  }
}

async function measure(targets: Record<Name, Target>): Promise<Report> {
  for (const name of names) await wrk(targets[name].url, 64, warmUpSeconds)
  const rows: Report['rows'][number][] = []
  const goals: Goal[] = []
  for (const connections of connectionCounts) {
    const measured: Round[] = []
    for (let i = 0; i < rounds; i++) measured.push(await round(targets, connections))
    for (const name of names) rows.push(rowOf(name, connections, measured))
    goals.push(throughputGoal(connections, measured))
    if (connections === 10) goals.push(latencyGoal(measured))
  }
  return { rows, goals }
}

async function round(targets: Record<Name, Target>, connections: number): Promise<Round> {
  const load = (name: Name): Promise<Load> => wrk(targets[name].url, connections, seconds)
  return { direct: await load('direct'), nginx: await load('nginx'), skep: await load('skep') }
}

const ratio = (name: Name, measured: readonly Round[]): number =>
  rounded(median(measured.map((round) => round[name].requestsPerSecond / round.nginx.requestsPerSecond)))

const addedMs = (name: Name, measured: readonly Round[]): number =>
  rounded(median(measured.map((round) => round[name].medianMs - round.direct.medianMs)), 3)

const rowOf = (name: Name, connections: number, measured: readonly Round[]): Report['rows'][number] => ({
  through: name,
  connections,
  'requests/s': Math.round(median(measured.map((round) => round[name].requestsPerSecond))),
  'of nginx': ratio(name, measured),
  'median ms': rounded(median(measured.map((round) => round[name].medianMs)), 3),
  'added ms': addedMs(name, measured),
  errors: measured.reduce((sum, round) => sum + round[name].errors, 0),
})

function throughputGoal(connections: number, measured: readonly Round[]): Goal {
  const share = ratio('skep', measured)
  return { goal: `throughput of nginx at c=${connections}, at least 0.55`, measured: share, met: share >= 0.55 }
}

function latencyGoal(measured: readonly Round[]): Goal {
  const added = addedMs('skep', measured)
  return { goal: 'added median latency at c=10, under 0.5 ms', measured: added, met: added < 0.5 }
}
