import { readdirSync, readFileSync } from 'node:fs'

/** What the kernel says of a process, from /proc (Linux). */
export interface ProcessFacts {
  readonly pid: number
  readonly session: number
  readonly threads: number
  /** Processor time so far, that of its ended children too. */
  readonly cpuTicks: number
  /** When it started, in ticks since the machine did: with the pid it names a process for good. */
  readonly startTicks: number
  readonly isStopped: boolean
}

/** None: it has ended, or is only waiting for its parent to notice. */
export function factsOf(pid: number): ProcessFacts | undefined {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The name in parentheses may hold anything, so count from its end. See proc(5): state is the third field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  if (state === 'Z' || state === 'X') return undefined
  const number = (field: number): number => Number(fields[field - 3])
  return {
    pid,
    session: number(6),
    threads: number(20),
    cpuTicks: number(14) + number(15) + number(16) + number(17),
    startTicks: number(22),
    isStopped: state === 'T',
  }
}

/** Every process on the machine by its session: a replica leads one, and what it starts stays in it unless it flees. */
export type Sessions = ReadonlyMap<number, readonly ProcessFacts[]>

export function sessions(): Sessions {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const all = pids.map((pid) => factsOf(Number(pid))).filter((facts) => facts !== undefined)
  return Map.groupBy(all, ({ session }) => session)
}

/** Memory that only this process has: what it shares with others (its program, libraries) is not counted. */
export function privateBytesOf(pid: number): number {
  const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]
  return Number(kibibytes ?? 0) * 1024
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined // the process is gone, which is an answer
  }
}
