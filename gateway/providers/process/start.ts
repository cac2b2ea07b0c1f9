import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf, SkepError } from '../../core/errors.ts'
import type { Revision } from '../../core/ports.ts'
import { ReplicaLog } from './log.ts'
import { requireSecrets } from '../../core/secrets.ts'
import type { Ports } from './port.ts'
import { factsOf } from './proc.ts'
import { remember, type Running } from './records.ts'
import { readRuntime } from './runtime.ts'
import type { SecretFiles } from './secrets.ts'
import type { Prepared } from './shelf.ts'

/** What a function sees of the gateway's environment. */
const passedOn = ['PATH', 'LANG', 'TZ']
const likelihoodToEnd = '500'

export type Environment = Readonly<Record<string, string | undefined>>

export interface StartTools {
  readonly runtimesDir: string
  /** Each replica has a folder in it. */
  readonly replicasDir: string
  readonly ports: Ports
  readonly secrets: SecretFiles
  /** The gateway's own. */
  readonly environment: Environment
}

export interface Started {
  readonly running: Running
  readonly child: ChildProcess
}

/** Starts a replica in a session of its own, so that it outlives the gateway and ends with all that it started. */
export async function startReplica(tools: StartTools, prepared: Prepared): Promise<Started> {
  const { start } = await readRuntime(tools.runtimesDir, prepared.runtime)
  requireSecrets(prepared.revision.spec, await tools.secrets.list(), 'start_failed')
  const id = `${prepared.revision.id}-${randomBytes(3).toString('hex')}`
  const folder = join(tools.replicasDir, id)
  const port = await tools.ports.reserve()
  try {
    const home = makeHome(folder, join(prepared.folder, 'function'))
    tools.secrets.linkInto(secretsIn(home), prepared.revision.spec)
    const log = new ReplicaLog(folder)
    const env = environmentOf(tools.environment, prepared.revision, home, port)
    const child = launch(start, { cwd: home, env }, log)
    if (child.pid === undefined) throw await failureOf(child)
    const replica = { id, revision: prepared.revision.id, address: { host: '127.0.0.1', port }, paused: false }
    const startTicks = factsOf(child.pid)?.startTicks ?? 0
    const running = { replica, revision: prepared.revision, pid: child.pid, startTicks, isAdopted: false, folder, log }
    // Not one turn of the event loop after its start: a gateway that is killed in between would never find it again.
    remember(running)
    yieldUnderPressure(child.pid)
    return { running, child }
  } catch (error) {
    tools.ports.release(port)
    rmSync(folder, { recursive: true, force: true })
    throw new SkepError('start_failed', `${prepared.revision.function} cannot be started: ${messageOf(error)}.`, {
      cause: error,
      hint: 'Look at what the machine has left: memory, processes, room on the disk.',
    })
  }
}

function launch(
  [command = '', ...words]: string[],
  where: { cwd: string; env: Environment },
  log: ReplicaLog,
): ChildProcess {
  const output = log.open()
  try {
    const child = spawn(command, words, { ...where, detached: true, stdio: ['ignore', output, output] })
    child.unref()
    return child
  } finally {
    closeSync(output)
  }
}

async function failureOf(child: ChildProcess): Promise<unknown> {
  const [error] = await once(child, 'error')
  return error
}

/** When memory runs out, the kernel ends a function before the gateway. */
function yieldUnderPressure(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, likelihoodToEnd)
  } catch {
    // it has ended already
  }
}

/** The working directory: the same to look at as in an image, with the handler as `function`. */
function makeHome(folder: string, handler: string): string {
  const home = join(folder, 'home')
  mkdirSync(join(home, 'tmp'), { recursive: true, mode: 0o700 })
  symlinkSync(handler, join(home, 'function'))
  return home
}

const secretsIn = (home: string): string => join(home, 'secrets')

export function environmentOf(environment: Environment, { spec }: Revision, home: string, port: number): Environment {
  const own = Object.fromEntries(passedOn.map((name) => [name, environment[name]]))
  return {
    ...own,
    // The gateway's own Node comes first: the machine's may be too old for TypeScript.
    PATH: `${dirname(process.execPath)}:${own['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'}`,
    ...spec.environment,
    ...(spec.process !== undefined && { fprocess: spec.process }),
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    HOST: '127.0.0.1',
    PORT: String(port),
    ...(spec.secrets.length > 0 && { SECRETS_DIR: secretsIn(home) }),
    OPENFAAS_NAME: spec.name,
    OPENFAAS_NAMESPACE: spec.namespace,
  }
}
