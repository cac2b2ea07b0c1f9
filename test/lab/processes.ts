import { readdirSync, readFileSync } from 'node:fs'
import { until } from '../helpers/until.ts'

/** Kills the engine that lives in `folder`, with everything below it, and waits until it is gone. */
export async function killWithin(folder: string): Promise<void> {
  const pids = new Set<number>()
  for (;;) {
    const found = engineProcesses(folder).filter((pid) => !pids.has(pid))
    if (found.length === 0) break // nobody was born while we killed
    for (const pid of found) kill(pids.add(pid) && pid)
  }
  await until(() => [...pids].every((pid) => !runs(pid)))
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
