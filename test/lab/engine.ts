import { spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Docker from 'dockerode'
import { until } from '../helpers/until.ts'
import { inside, letTestsIn, makeNetwork, removeNetwork, type Network } from './network.ts'
import { killWithin } from './processes.ts'
import { findProgram, run, runIfPossible } from './shell.ts'

/** An engine of our own: everything of it lives below its folder, and the folder's name leads to it again. */
export interface Engine {
  readonly folder: string
  readonly dockerHost: string
  readonly network: Network
}

/** Starts a private Docker engine in `folder`, beside whatever engine is there. */
export async function startEngine(folder: string): Promise<Engine> {
  mkdirSync(folder, { recursive: true })
  const network = await makeNetwork()
  const engine = { folder, dockerHost: `unix://${join(folder, 'docker.sock')}`, network }
  writeFileSync(join(folder, 'engine.json'), JSON.stringify(engine))
  try {
    await runDaemon(engine)
    await letTestsIn(network)
    return engine
  } catch (error) {
    await stopEngine(folder)
    throw error
  }
}

/** Ends the engine like a power cut (nothing of it is worth a farewell) and removes every trace of it. */
export async function stopEngine(folder: string): Promise<void> {
  const { network } = readEngine(folder)
  await powerOff(folder)
  await removeNetwork(network)
  rmSync(folder, { recursive: true, force: true })
}

/** The engine, its shims and all containers are gone at once. `runDaemon` starts it again. */
export async function powerOff(folder: string): Promise<void> {
  await killWithin(folder)
  await runIfPossible('find', ['/sys/fs/cgroup', '-depth', '-path', `*/${cgroup(folder)}*`, '-type', 'd', '-delete'])
}

export function readEngine(folder: string): Engine {
  return JSON.parse(readFileSync(join(folder, 'engine.json'), 'utf8'))
}

export async function runDaemon({ folder, dockerHost, network }: Engine): Promise<void> {
  const config = join(folder, 'daemon.json')
  writeFileSync(config, JSON.stringify(await daemonConfig(folder, dockerHost, network)))
  const log = openSync(join(folder, 'dockerd.log'), 'a')
  const { program, args } = inside(network, [...ownMounts, 'dockerd', '--config-file', config])
  const daemon = spawn(program, args, { detached: true, stdio: ['ignore', log, log] })
  daemon.unref()
  let ended: string | undefined
  daemon.once('error', (error) => (ended = error.message))
  daemon.once('exit', (code) => (ended = `dockerd ended with code ${code}`))
  const docker = dockerAt(dockerHost)
  const answers = () => docker.ping().then(Boolean, () => false)
  await until(async () => ended ?? (await answers()), 60_000).catch(() => (ended = 'dockerd did not answer in 60 s'))
  if (ended) throw new Error(`${ended}. ${readFileSync(join(folder, 'dockerd.log'), 'utf8').slice(-500)}`)
}

/** A client for an address as it stands in DOCKER_HOST. */
export function dockerAt(dockerHost: string, options: { timeout?: number } = {}): Docker {
  const { protocol, hostname, port, pathname } = new URL(dockerHost)
  return new Docker({ ...options, ...(protocol === 'unix:' ? { socketPath: pathname } : { host: hostname, port }) })
}

/**
 * Mounts that only the engine sees: they vanish with it. It must not find a containerd of the machine (it would
 * share it with the machine's own engine), nor leave a key in /etc/docker. Some bare machines have no cgroups mounted.
 */
const ownMounts = [
  ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c'],
  `mountpoint -q /sys/fs/cgroup || mount -t cgroup2 none /sys/fs/cgroup
  for hidden in /run/containerd /etc/docker; do [ ! -d $hidden ] || mount -t tmpfs none $hidden; done
  exec "$@"`,
  'sh',
]

async function daemonConfig(folder: string, dockerHost: string, { prefix, namespace }: Network): Promise<object> {
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
    'log-level': 'warn',
    ...(namespace && mayRoute ? { 'allow-direct-routing': true } : {}),
  }
}

function cgroup(folder: string): string {
  return folder.slice(1).replaceAll('/', '-')
}
