import { dockerHost } from '../helpers/docker-host.ts'
import { median, rounded, type Goal, type Report } from './report.ts'
import { type ColdFigures, coldOnSwarm } from './swarm-cold.ts'
import { measureStack, type StackFigures } from './swarm-stack.ts'

/** A Swarm of three nodes on this machine: a cold start, what a warm call costs, and what the stack holds in memory. */
export async function swarmBench(): Promise<Report> {
  if (!dockerHost)
    throw new Error('The swarm bench needs the engine of the tests: SKEP_TEST_KEEP=1 npm test -- test/lab.')
  const cold = await coldOnSwarm()
  const stack = await measureStack()
  return {
    rows: [...coldRows(cold), ...warmRows(stack), ...memoryRows(stack)],
    goals: [coldGoal(cold), warmGoal(stack), memoryGoal(stack)],
  }
}

function row(what: string, unit: string, values: readonly number[], digits: number): Report['rows'][number] {
  const [middle, min, max] = [median([...values]), Math.min(...values), Math.max(...values)]
  return { what, unit, median: rounded(middle, digits), min: rounded(min, digits), max: rounded(max, digits) }
}

const coldRows = ({ byHand, throughSkep }: ColdFigures): Report['rows'] => [
  row('from zero, a service scaled by hand', 'ms', byHand, 0),
  row('from zero, called through Skep', 'ms', throughSkep, 0),
]

const warmRows = ({ warm }: StackFigures): Report['rows'] =>
  warm.flatMap(({ connections, direct, throughSkep }) => [
    row(`warm, the task itself, ${connections} at a time`, 'ms', direct, 3),
    row(`warm, through Skep, ${connections} at a time`, 'ms', throughSkep, 3),
  ])

const memoryRows = ({ atRest, afterPush }: StackFigures): Report['rows'] => [
  row('gateway at rest', 'MiB', [atRest.gateway], 1),
  row('Redis at rest', 'MiB', [atRest.redis], 1),
  row('gateway after a push', 'MiB', [afterPush.gateway], 1),
  row('Redis after a push', 'MiB', [afterPush.redis], 1),
]

function coldGoal({ byHand, throughSkep }: ColdFigures): Goal {
  const measured = rounded(median([...throughSkep]) / median([...byHand]))
  const goal = 'from zero, of a service that is scaled from 0 to 1 by hand: at most 1.15'
  return { goal, measured, met: measured <= 1.15 }
}

/** Of one caller: several wait for each other, as three engines, the function and the gateway share this machine. */
function warmGoal({ warm }: StackFigures): Goal {
  const { direct = [], throughSkep = [] } = warm.find(({ connections }) => connections === 1) ?? {}
  const measured = rounded(median(throughSkep.map((ms, i) => ms - (direct[i] ?? NaN))), 3)
  return { goal: 'added median latency of one caller: under 0.5 ms', measured, met: measured < 0.5 }
}

function memoryGoal({ atRest }: StackFigures): Goal {
  const measured = rounded(atRest.gateway + atRest.redis, 1)
  return { goal: 'gateway and Redis at rest, together: at most 90 MiB', measured, met: measured <= 90 }
}
