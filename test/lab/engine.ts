import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../helpers/until.ts'
import { answers } from './docker-host.ts'
import { inside } from './namespace.ts'
import { removeNetwork, withNetwork, type Network } from './network.ts'
import { killAll, killWithin } from './processes.ts'
import { findProgram, run, runIfPossible } from './shell.ts'

/** An engine of our own: everything of it lives below its folder, and the folder's name leads to it again. */
export interface Engine {
  readonly folder: string
  readonly dockerHost: string
  readonly network: Network
  /** What the engine takes for the name of its machine; none: the machine's. */
  readonly hostname?: string
  /** What `uname` calls its processor; none: what it is. */
  readonly processor?: string
}

/** Every engine has its socket here, as its containers see it: as on real machines, the same path leads to each machine's own. */
export const socketForContainers = '/mnt/docker.sock'

// Not /tmp: that may be memory, and images are large.
export const engineHome = '/var/tmp'
/** Where the engine is that SKEP_TEST_KEEP=1 leaves for the next run. */
export const keptFolder = join(engineHome, 'skep-test-kept')

/** Starts a private Docker engine in `folder`, beside whatever engine is there. */
export async function startEngine(
  folder: string,
  network: Network,
  machine: Pick<Engine, 'hostname' | 'processor'> = {},
): Promise<Engine> {
  mkdirSync(folder, { recursive: true, mode: 0o700 }) // who reaches an engine is root
  const engine = { folder, dockerHost: `unix://${join(folder, 'docker.sock')}`, network, ...machine }
  writeFileSync(join(folder, 'engine.json'), JSON.stringify(engine))
  try {
    await withNetwork(network, () => runDaemon(engine))
    return engine
  } catch (error) {
    await stopEngine(folder)
    throw error
  }
}

/** Ends the engine like a power cut (nothing of it is worth a farewell) and removes every trace of it. */
export async function stopEngine(folder: string): Promise<void> {
  await powerOff(folder)
  if (existsSync(join(folder, 'engine.json'))) await removeNetwork(readEngine(folder).network)
  rmSync(folder, { recursive: true, force: true })
}

/** Only the engine's own process is gone; containers go on without it. */
export async function killDaemon(folder: string): Promise<void> {
  await killAll([Number(readFileSync(join(folder, 'docker.pid'), 'utf8'))])
}

/** The engine, its shims and all containers are gone at once. `runDaemon` starts it again. */
export async function powerOff(folder: string): Promise<void> {
  await killWithin(folder)
  // As after a real one, nothing of the run is left; the engine would wait for the processes whose numbers it finds.
  for (const name of ['exec', 'docker.pid']) rmSync(join(folder, name), { recursive: true, force: true })
  await runIfPossible('find', ['/sys/fs/cgroup', '-depth', '-path', `*/${cgroup(folder)}*`, '-type', 'd', '-delete'])
}

export function readEngine(folder: string): Engine {
  return JSON.parse(readFileSync(join(folder, 'engine.json'), 'utf8'))
}

export async function runDaemon({ folder, dockerHost, network, hostname = '', processor }: Engine): Promise<void> {
  const config = join(folder, 'daemon.json')
  writeFileSync(config, JSON.stringify(await daemonConfig(folder, dockerHost, network)))
  const log = openSync(join(folder, 'dockerd.log'), 'a')
  const program = [...(processor ? ['setarch', processor] : []), 'dockerd']
  const daemon = spawn(
    ...inside(network.namespace, [...ownView, hostname, folder, ...program, '--config-file', config]),
    {
      detached: true,
      stdio: ['ignore', log, log],
    },
  )
  daemon.unref()
  closeSync(log)
  let ended: string | undefined
  daemon.once('error', (error) => (ended = error.message))
  daemon.once('exit', (code) => (ended = `dockerd ended with code ${code}`))
  await until(async () => ended ?? (await answers(dockerHost)), 60_000).catch(
    () => (ended = 'dockerd did not answer in 60 s'),
  )
  if (ended) throw new Error(`${ended}. ${readFileSync(join(folder, 'dockerd.log'), 'utf8').slice(-500)}`)
}

/**
 * Mounts and a name that only the engine sees: they vanish with it. It must not find a containerd of the machine (it
 * would share it with the machine's own engine), nor leave a key in /etc/docker. Some bare machines have no cgroups mounted.
 */
const ownView = [
  ...(['unshare', '--uts', '--mount', '--propagation', 'private', 'sh', '-c'] as const),
  `mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
  for hidden in /run/containerd /etc/docker; do [ ! -d $hidden ] || mount -t tmpfs none $hidden; done
  mount --bind "$1" /mnt
  shift
  [ -z "$0" ] || hostname "$0"
  exec "$@"`,
] as const

async function daemonConfig(folder: string, dockerHost: string, { kind, prefix }: Network): Promise<object> {
  // From 28 on, engines drop what is routed to a container's address from outside, unless told otherwise.
  const mayRoute = (await run(findProgram('dockerd') ?? 'dockerd', ['--help'])).includes('--allow-direct-routing')
  return {
    hosts: [dockerHost],
    pidfile: join(folder, 'docker.pid'),
    'data-root': join(folder, 'data'),
    'exec-root': join(folder, 'exec'),
    bip: `${prefix}.1.1/24`,
    'default-address-pools': [{ base: `${prefix}.128.0/17`, size: 24 }],
    'cgroup-parent': `/${cgroup(folder)}`,
    'exec-opts': ['native.cgroupdriver=cgroupfs'],
    'insecure-registries': [`${prefix}.0.0/24`],
    'log-level': 'warn',
    ...(kind === 'cable' && mayRoute ? { 'allow-direct-routing': true } : {}),
  }
}

function cgroup(folder: string): string {
  return folder.slice(1).replaceAll('/', '-')
}
