import { run } from './shell.ts'

/** The command as it has to be given to run in a network namespace; none: the machine's own. */
export function inside(namespace: string | undefined, command: readonly [string, ...string[]]): [string, string[]] {
  const [program, ...args] = command
  // Not `ip netns exec`: that mounts a fresh /sys, which has no /sys/fs/cgroup.
  return namespace ? ['nsenter', [`--net=/run/netns/${namespace}`, ...command]] : [program, args]
}

/** `ip`, as often as there are lines. */
export async function ip(...lines: string[]): Promise<void> {
  for (const line of lines) await run('ip', line.split(' '))
}
