import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { run, runIfPossible } from './shell.ts'
import { restoreFirewall, type Firewall, readFirewall } from './firewall.ts'

/** Where an engine has its addresses. It is written down beside the engine, so that another process can undo it. */
export interface Network {
  /** How every address begins: `10.200`. */
  readonly prefix: string
  /** Where the tests reach the ports that the engine publishes. */
  readonly address: string
  /** The engine's own network namespace; none: it has the machine's. */
  readonly namespace?: string
  /** How the machine's firewall was before, where the engine changes it. */
  readonly firewall?: Firewall
}

/**
 * Two engines in one network namespace flush each other's firewall rules. So the machine's own is taken
 * only where no other engine ever was; else the engine gets a namespace with a cable to the machine.
 */
export async function makeNetwork(): Promise<Network> {
  const prefix = await freePrefix()
  if (anotherEngineRuns() || (await links()).includes('docker0')) return connectedNamespace(prefix)
  return { prefix, address: '127.0.0.1', firewall: await readFirewall() }
}

export async function removeNetwork(network: Network): Promise<void> {
  if (network.namespace) return removeNamespace(network.prefix, network.namespace)
  const bridges = (await links()).filter((link) => /^(docker0|docker_gwbridge|br-[0-9a-f]{12})$/.test(link))
  for (const bridge of bridges) await runIfPossible('ip', ['link', 'del', bridge])
  if (network.firewall) await restoreFirewall(network.firewall, network.prefix)
}

/** The command as it has to be given to run in this network. */
export function inside(network: Network, command: readonly string[]): { program: string; args: string[] } {
  // Not `ip netns exec`: that mounts a fresh /sys, which has no /sys/fs/cgroup.
  const enter = network.namespace ? ['nsenter', `--net=/run/netns/${network.namespace}`] : ['env']
  const [program, ...args] = [...enter, ...command] as [string, ...string[]]
  return { program, args }
}

async function freePrefix(): Promise<string> {
  const taken = await run('ip', ['-4', 'route', 'show', 'table', 'all'])
  const free = Array.from({ length: 55 }, (_, i) => `10.${200 + i}`).find((prefix) => !taken.includes(` ${prefix}.`))
  if (free === undefined) throw new Error('Every network from 10.200.0.0/16 to 10.254.0.0/16 is in use.')
  return free.trim()
}

function anotherEngineRuns(): boolean {
  const here = readlinkSync('/proc/self/ns/net')
  const runsHere = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'dockerd\n' && readlinkSync(`/proc/${pid}/ns/net`) === here
    } catch {
      return false // it ended while we looked
    }
  }
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && runsHere(name))
}

async function links(): Promise<string[]> {
  const listed = await run('ip', ['-o', 'link', 'show'])
  return [...listed.matchAll(/^\d+: ([^:@]+)/gm)].map((match) => match[1] ?? '')
}

async function connectedNamespace(prefix: string): Promise<Network> {
  const namespace = `skep${prefix.slice(3)}`
  const [outer, inner] = [`${namespace}o`, `${namespace}i`]
  await run('ip', ['netns', 'add', namespace])
  await run('ip', ['link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', namespace])
  await run('ip', ['addr', 'add', `${prefix}.0.1/30`, 'dev', outer])
  await run('ip', ['link', 'set', outer, 'up'])
  await run('ip', ['-n', namespace, 'addr', 'add', `${prefix}.0.2/30`, 'dev', inner])
  await run('ip', ['-n', namespace, 'link', 'set', 'lo', 'up'])
  await run('ip', ['-n', namespace, 'link', 'set', inner, 'up'])
  await run('ip', ['-n', namespace, 'route', 'add', 'default', 'via', `${prefix}.0.1`])
  // One route, and the tests reach every container at its own address.
  await run('ip', ['route', 'add', `${prefix}.0.0/16`, 'via', `${prefix}.0.2`])
  // And the way out, for builds that install packages.
  for (const rule of outwardRules(prefix, outer)) await run('iptables', rule('-I'))
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1')
  return { prefix, address: `${prefix}.0.2`, namespace }
}

/** The engine sets its forwarding to "drop"; in a namespace of its own that would keep the tests out. Call it when the engine runs. */
export async function letTestsIn(network: Network): Promise<void> {
  if (!network.namespace) return
  const { program, args } = inside(network, [
    'iptables',
    '-I',
    'DOCKER-USER',
    '-i',
    `${network.namespace}i`,
    '-j',
    'ACCEPT',
  ])
  await run(program, args)
}

async function removeNamespace(prefix: string, namespace: string): Promise<void> {
  for (const rule of outwardRules(prefix, `${namespace}o`)) await runIfPossible('iptables', rule('-D'))
  await runIfPossible('ip', ['link', 'del', `${namespace}o`])
  await runIfPossible('ip', ['netns', 'del', namespace])
}

function outwardRules(prefix: string, cable: string): ((change: '-I' | '-D') => string[])[] {
  return [
    (change) => ['-t', 'nat', change, 'POSTROUTING', '-s', `${prefix}.0.0/16`, '!', '-o', cable, '-j', 'MASQUERADE'],
    (change) => [change, 'FORWARD', '-i', cable, '-j', 'ACCEPT'],
    (change) => [change, 'FORWARD', '-o', cable, '-j', 'ACCEPT'],
  ]
}
