import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../helpers/until.ts'
import type { DeploySite } from './deploys-site.ts'
import { latencies, type LatencyRow } from './latency.ts'
import { startLongCalls, type LongTally } from './long-calls.ts'
import { type SteadyCall, startSteadyLoad } from './steady-load.ts'
import { Steady } from './steady.ts'

export interface DeploysChaos {
  readonly site: DeploySite
  readonly perSecond: number
  /** At least so many calls. */
  readonly requests: number
  readonly deploys: number
  readonly rollbacks: number
  /** Replicas, one after the other. */
  readonly scales: readonly number[]
  /** How long a call takes of which there is always one. */
  readonly slowMs: number
  /** Between two changes. */
  readonly pauseMs: number
  readonly say: (text: string) => void
}

export interface DeploysTally {
  readonly calls: number
  readonly failed: number
  /** Answered by a revision that had no traffic then. */
  readonly stale: number
  /** A few words of each kind of failure. */
  readonly problems: readonly string[]
  readonly long: LongTally
  readonly rollbackMs: readonly number[]
  readonly latencies: readonly LatencyRow[]
}

/** Changes a function in every way there is while it is called, at last removes it, and counts what the callers saw. */
export async function deploysChaos(chaos: DeploysChaos): Promise<DeploysTally> {
  const { site, say } = chaos
  const steady = new Steady(site, say)
  await steady.deploy()
  const url = `${site.gateway.url}/function/steady`
  const long = startLongCalls(url, chaos.slowMs, site.webSocket)
  const load = startSteadyLoad(`${url}/echo`, chaos.perSecond)
  try {
    for (const change of story(steady, chaos)) {
      await change()
      await sleep(chaos.pauseMs)
    }
    await until(() => load.calls.length >= chaos.requests, 600_000)
    long.last()
    await steady.remove()
    await sleep(chaos.pauseMs)
  } finally {
    await load.stop()
    await long.stop()
  }
  return tallyOf(load.calls, steady, long.tally)
}

function story(steady: Steady, { deploys, rollbacks, scales }: DeploysChaos): (() => Promise<void>)[] {
  return [
    ...Array.from({ length: deploys }, () => () => steady.deploy()),
    ...Array.from({ length: rollbacks }, () => () => steady.rollback()),
    ...scales.map((replicas) => () => steady.scale(replicas)),
    ...(['crash', 'never ready', 'no image'] as const).map((trouble) => () => steady.deployBad(trouble)),
    () => steady.canary('good'),
    () => steady.canary('slow'),
  ]
}

function tallyOf(calls: readonly SteadyCall[], steady: Steady, long: LongTally): DeploysTally {
  const answered = calls.filter((call) => !steady.mayBeGone(call))
  const failed = answered.filter(({ problem }) => problem !== undefined)
  const stale = answered.filter((call) => call.problem === undefined && !steady.mayAnswer(call))
  return {
    calls: answered.length,
    failed: failed.length,
    stale: stale.length,
    problems: [...new Set(failed.map(({ problem = '' }) => problem.replaceAll(/\d{4,}/g, '…')))].slice(0, 10),
    long,
    rollbackMs: steady.rollbackMs,
    latencies: latencies(answered, steady.changes),
  }
}
