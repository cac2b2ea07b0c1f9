import type { SteadyCall } from './steady-load.ts'

/** A change of the function, from its beginning to its end. */
export interface Change {
  readonly name: string
  readonly from: number
  readonly to: number
}

export interface LatencyRow {
  readonly when: string
  readonly calls: number
  readonly failed: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** How long after a change its end may still be felt: the old replicas end. */
const afterMs = 2000

/** Milliseconds of the calls by what went on when they were due, and of those in between. */
export function latencies(calls: readonly SteadyCall[], changes: readonly Change[]): LatencyRow[] {
  const names = [...new Set(changes.map(({ name }) => name))]
  const within = (name: string) => (at: number) =>
    changes.some((change) => change.name === name && at >= change.from && at <= change.to + afterMs)
  const between = (at: number): boolean => names.every((name) => !within(name)(at))
  const rows = [rowOf('between changes', calls, between), ...names.map((name) => rowOf(name, calls, within(name)))]
  return rows.filter((row) => row.calls > 0)
}

function rowOf(when: string, calls: readonly SteadyCall[], isThen: (at: number) => boolean): LatencyRow {
  const those = calls.filter(({ at }) => isThen(at))
  const ms = those.map(({ at, endedAt }) => endedAt - at).sort((a, b) => a - b)
  const percentile = (part: number): number => Number((ms[Math.ceil(ms.length * part) - 1] ?? NaN).toFixed(1))
  const failed = those.filter(({ problem }) => problem !== undefined).length
  return { when, calls: those.length, failed, p50: percentile(0.5), p99: percentile(0.99), max: percentile(1) }
}
