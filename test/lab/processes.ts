import { readdirSync, readFileSync } from 'node:fs'
import { until } from '../helpers/until.ts'

/** Kills the engine that lives in `folder`, with everything below it. */
export async function killWithin(folder: string): Promise<void> {
  for (;;) {
    const found = engineProcesses(folder).filter(runs)
    if (found.length === 0) return // nobody was born while we killed
    await killAll(found)
  }
}

/** Resolves when they are gone. */
export async function killAll(pids: readonly number[]): Promise<void> {
  for (const pid of pids) kill(pid)
  await until(() => !pids.some(runs))
}

/** A daemon and its shims name the folder in their command line; what they started does not, but descends from them. */
function engineProcesses(folder: string): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const roots = all.filter(
    (pid) => /^(dockerd|containerd)/.test(read(pid, 'comm')) && read(pid, 'cmdline').includes(`${folder}/`),
  )
  const children = Map.groupBy(all, (pid) => /\) \S (\d+)/.exec(read(pid, 'stat'))?.[1] ?? '')
  const family = (pid: string): string[] => [pid, ...(children.get(pid) ?? []).flatMap(family)]
  return [...new Set(roots.flatMap(family))].map(Number)
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return '' // it ended while we looked
  }
}

/** A zombie counts as gone: on a machine whose first process does not reap, it stays for ever. */
function runs(pid: number): boolean {
  return /\) [^ZX]/.test(read(String(pid), 'stat'))
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it ended before
  }
}
