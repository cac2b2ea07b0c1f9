import { readFileSync } from 'node:fs'

/** What a process of this machine holds in memory. */
export function residentMiB(pid: number | undefined): number {
  const [, kiB] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kiB) / 1024
}
