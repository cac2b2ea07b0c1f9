import { bounds, type CallCounts, type Tally } from './call-counts.ts'

const name = 'gateway_functions_seconds'

/** How long calls took, in Prometheus' text format. */
export function callHistogram(
  counts: CallCounts,
  labelsOf: (tally: Tally) => Readonly<Record<string, string>>,
): string {
  const lines = [
    `# HELP ${name} Time from the request to the last byte of the answer.`,
    `# TYPE ${name} histogram`,
    ...[...counts.answered()].flatMap((tally) => samplesOf(tally, textOf(labelsOf(tally)))),
  ]
  return `${lines.join('\n')}\n`
}

function samplesOf(tally: Tally, labels: string): string[] {
  let sofar = 0
  const buckets = bounds.map((bound, i) => {
    sofar += tally.within[i] ?? 0
    return `${name}_bucket{le="${bound}",${labels}} ${sofar}`
  })
  return [
    ...buckets,
    `${name}_bucket{le="+Inf",${labels}} ${tally.count}`,
    `${name}_sum{${labels}} ${tally.seconds}`,
    `${name}_count{${labels}} ${tally.count}`,
  ]
}

/** Function names and statuses have no character that would need escaping. */
const textOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(',')
