import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { letTestsIn, makeCable, removeCable, type Cable } from './cable.ts'
import { readFirewall, restoreFirewall, type Firewall } from './firewall.ts'
import { run, runIfPossible } from './shell.ts'
import { makePort, removeSwitch, type Port } from './switch.ts'

/**
 * Where an engine has its addresses. It is written down beside the engine, so that another process can undo it.
 * `prefix` is how they begin (`10.200`), at `address` the tests reach the ports that are open there.
 */
export type Network = Machine | Cable | Port

/** The machine's own network, and how its firewall was before the engine: in which run of the machine. */
interface Machine {
  readonly kind: 'machine'
  readonly prefix: string
  readonly address: string
  readonly firewall: Firewall
  readonly boot: string
  readonly namespace?: undefined
}

/**
 * Two engines in one network namespace flush each other's firewall rules. So the machine's own is taken
 * only where no other engine is or was; else the engine gets a namespace with a cable to the machine.
 */
export async function planNetwork(): Promise<Network> {
  const prefix = await freePrefix()
  if (anotherEngineRuns() || (await links()).includes('docker0')) {
    return { kind: 'cable', prefix, address: `${prefix}.0.2`, namespace: `skep${prefix.slice(3)}` }
  }
  return { kind: 'machine', prefix, address: '127.0.0.1', firewall: await readFirewall(), boot: bootOfMachine() }
}

/** Around the start of an engine, because it makes firewall rules of its own. */
export async function withNetwork(network: Network, start: () => Promise<void>): Promise<void> {
  if (network.kind === 'cable') await makeCable(network)
  if (network.kind === 'switch') await makePort(network)
  await start()
  if (network.kind === 'cable') await letTestsIn(network)
}

export async function removeNetwork(network: Network): Promise<void> {
  if (network.kind === 'cable') return removeCable(network)
  if (network.kind === 'switch') return removeSwitch(network)
  if (network.boot !== bootOfMachine() || anotherEngineRuns()) return // what is there now is somebody else's
  const bridges = (await links()).filter((link) => /^(docker0|docker_gwbridge|br-[0-9a-f]{12})$/.test(link))
  for (const bridge of bridges) await runIfPossible('ip', ['link', 'del', bridge])
  await restoreFirewall(network.firewall, network.prefix)
}

/** One of 10.200 to 10.254 that no route of this machine uses. */
export async function freePrefix(): Promise<string> {
  const routes = await run('ip', ['-4', 'route', 'show', 'table', 'all'])
  const taken = new Set([...routes.matchAll(/\b10\.\d+(?=\.)/g)].map(String))
  // Each process begins elsewhere, so that two of them do not take the same one at the same moment.
  const prefixes = Array.from({ length: 55 }, (_, i) => `10.${200 + ((process.pid + i) % 55)}`)
  const free = prefixes.find((prefix) => !taken.has(prefix))
  if (free === undefined) throw new Error('Every network from 10.200.0.0/16 to 10.254.0.0/16 is in use.')
  return free
}

function bootOfMachine(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
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
