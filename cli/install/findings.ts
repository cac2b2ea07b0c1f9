import type { Ground } from './ground.ts'

export interface Finding {
  readonly check: string
  readonly found: string
  /** `stop`: the stack cannot work so. */
  readonly verdict: 'good' | 'warning' | 'stop'
  readonly fix?: string
}

const cgroupFix =
  'On a Raspberry Pi, add "cgroup_enable=memory cgroup_memory=1" to the one line of /boot/firmware/cmdline.txt and reboot.'

/** What is good and what is not, before anything is changed. */
export function findingsOf(ground: Ground): Finding[] {
  return [
    { check: 'engine', found: `Docker ${ground.engine}`, verdict: 'good' },
    swarmFinding(ground),
    memoryFinding(ground),
    ...ground.nodes.map(nodeFinding),
    // Said because it is what stops other stacks on such kernels.
    { check: 'network', found: 'host ports and task addresses: IPVS is not needed', verdict: 'good' },
  ]
}

function swarmFinding({ isManager, isWorker }: Ground): Finding {
  if (isManager) return { check: 'swarm', found: 'this engine is a manager', verdict: 'good' }
  if (!isWorker) return { check: 'swarm', found: 'none yet', verdict: 'warning', fix: '`docker swarm init` makes one.' }
  return { check: 'swarm', found: 'this engine is a worker', verdict: 'stop', fix: 'Run "skep install" on a manager.' }
}

const memoryFinding = ({ limitsMemory }: Ground): Finding =>
  limitsMemory
    ? { check: 'memory', found: 'limits of memory hold', verdict: 'good' }
    : { check: 'memory', found: 'this kernel keeps no limit of memory', verdict: 'warning', fix: cgroupFix }

function nodeFinding({ name, role, architecture, state }: Ground['nodes'][number]): Finding {
  const found = `${role}, ${architecture}, ${state}`
  if (state !== 'ready') {
    return { check: name, found, verdict: 'warning', fix: 'Start it, or `docker node rm` it if it is gone.' }
  }
  if (/^(x86_64|amd64|aarch64|arm64)$/.test(architecture)) return { check: name, found, verdict: 'good' }
  const fix = 'Put a 64-bit system on it: neither Node 24 nor Docker are made for this one any more.'
  return { check: name, found, verdict: role === 'manager' ? 'stop' : 'warning', fix }
}
