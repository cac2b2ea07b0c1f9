import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, open, readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SkepError } from '../gateway/core/errors.ts'
import type { Env } from './env.ts'
import { request } from './http-request.ts'
import { packageFile } from './package-file.ts'

/** A gateway with its embedded defaults, started for the demo. */
export interface DemoGateway {
  readonly url: string
  readonly password: string
  /** Resolves when it ended, whoever ended it. */
  readonly ended: Promise<void>
  readonly isRunning: () => boolean
  readonly stop: () => Promise<void>
}

const host = '127.0.0.1'
const startMs = 30_000

export async function startDemoGateway(env: Env, dataFolder: string, port: number): Promise<DemoGateway> {
  const main = packageFile('gateway/main.ts')
  if (!existsSync(main)) throw noGatewayHere()
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  const logFile = join(dataFolder, 'gateway.log')
  const log = await open(logFile, 'w')
  const child = spawn(gatewayNode(), [main], {
    // A group of its own: Ctrl-C is for us, and we stop it after its functions.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { ...withoutSettings(env.variables), ...settings(dataFolder, port) },
  })
  await log.close()
  const url = `http://${host}:${port}`
  const ended = once(child, 'exit').then(() => undefined)
  const isRunning = () => child.exitCode === null && child.signalCode === null
  const stop = () => {
    child.kill('SIGTERM')
    return ended
  }
  try {
    await untilHealthy(url, isRunning)
    const password = (await readFile(join(dataFolder, 'password'), 'utf8')).trim()
    return { url, password, ended, isRunning, stop }
  } catch (error) {
    await stop()
    throw notStarted(await readFile(logFile, 'utf8'), logFile, error)
  }
}

/** The checkout's own Node: the installed CLI may run on an older one, which cannot load the gateway's sources. */
function gatewayNode(): string {
  const own = packageFile('node_modules/.bin/node')
  return existsSync(own) ? own : process.execPath
}

/** Whatever the user has set for a gateway of his own, the demo shows the defaults. */
const withoutSettings = (variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith('SKEP_')))

const settings = (dataFolder: string, port: number) => ({
  SKEP_HOST: host,
  SKEP_PORT: String(port),
  SKEP_METRICS_PORT: '0',
  SKEP_DATA: dataFolder,
  SKEP_SECRETS: join(dataFolder, 'secrets'),
  SKEP_PROVIDER: 'process',
})

async function untilHealthy(url: string, isRunning: () => boolean): Promise<void> {
  const deadline = Date.now() + startMs
  while (Date.now() < deadline) {
    if (!isRunning()) throw new Error('it ended')
    const healthy = await request(`${url}/healthz`).then(
      (answer) => answer.resume().statusCode === 200,
      () => false, // It does not listen yet.
    )
    if (healthy) return
    await sleep(50)
  }
  throw new Error(`it was not ready within ${startMs / 1000} s`)
}

const noGatewayHere = () =>
  new SkepError('not_supported', 'This CLI was installed without a gateway.', {
    hint: 'Run it from a checkout ("npm run skep -- dev"), or use a gateway that runs elsewhere with --gateway.',
  })

const notStarted = (log: string, logFile: string, cause: unknown) =>
  new SkepError('internal', 'The gateway did not start.', {
    cause,
    detail: log.split('\n').slice(-20).join('\n'),
    hint: `These are the last lines of ${logFile}.`,
  })

/** The first port from this one on that nobody listens on; any for 0. */
export async function freePort(port: number): Promise<number> {
  const server = createServer()
  const found = await new Promise<number | undefined>((resolve) => {
    const listening = () => resolve((server.address() as AddressInfo).port)
    server.once('error', () => resolve(undefined)).listen(port, host, listening)
  })
  server.close()
  return found ?? freePort(port + 1)
}
