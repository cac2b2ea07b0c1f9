import { factsOf, type Sessions } from './proc.ts'

/** The first process of a replica. Pids are given out again; pid and start time together name a process for good. */
export interface Leader {
  readonly pid: number
  readonly startTicks: number
}

/** It is still the process that was started. */
export const isAlive = ({ pid, startTicks }: Leader): boolean => factsOf(pid)?.startTicks === startTicks

export const isStopped = ({ pid }: Leader): boolean => factsOf(pid)?.isStopped ?? false

/** To the replica's first process, which decides what that means for its children. */
export function signalLeader(leader: Leader, signal: NodeJS.Signals): void {
  if (isAlive(leader)) send(leader.pid, signal)
}

/** To the replica and all that it started. */
export function signalGroup(leader: Leader, signal: NodeJS.Signals): void {
  if (isAlive(leader)) send(-leader.pid, signal)
}

/** Ends what an ended replica left behind: its process group at once, and what made a group of its own in its session. */
export function sweep({ pid }: Leader, all: Sessions): void {
  send(-pid, 'SIGKILL')
  for (const left of all.get(pid) ?? []) send(left.pid, 'SIGKILL')
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error // gone, or another user's by now: nothing to signal
  }
}
