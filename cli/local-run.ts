import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SkepError } from '../gateway/core/errors.ts'
import type { FunctionSpec } from '../gateway/core/spec.ts'
import { packageFile } from './package-file.ts'

export interface LocalRun {
  readonly spec: FunctionSpec
  readonly port: number
  readonly cwd: string
  /** Of who runs it; a process needs its PATH. */
  readonly variables: NodeJS.ProcessEnv
}

interface RuntimeFile {
  readonly start: readonly string[]
  readonly install?: { readonly from: readonly string[]; readonly run: readonly string[] }
}

/** Runs a handler with its language server, in a copy of its folder, until it ends. */
export async function runProcess({ spec, port, cwd, variables }: LocalRun): Promise<number> {
  const runtime = packageFile(`runtimes/${spec.runtime ?? ''}`)
  const { start, install } = JSON.parse(await readFile(join(runtime, 'runtime.json'), 'utf8')) as RuntimeFile
  const placed = (words: readonly string[]) => words.map((word) => word.replace('{runtime}', runtime))
  const home = await mkdtemp(join(tmpdir(), 'skep-local-run-'))
  const folder = join(home, 'function')
  try {
    await cp(spec.image.slice('dir:'.length), folder, { recursive: true, verbatimSymlinks: true })
    const placedHere = { PORT: String(port), HOST: '127.0.0.1', HANDLER_DIR: folder, SECRETS_DIR: secretsIn(cwd) }
    const env = { ...variables, ...environmentOf(spec), ...placedHere }
    const files = await readdir(folder)
    const isNeeded = install && (install.from.length === 0 || install.from.some((file) => files.includes(file)))
    const code = isNeeded ? await ended(placed(install.run), folder, env) : 0
    return code === 0 ? await ended(placed(start), home, env) : code
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

const secretsIn = (cwd: string) => join(cwd, '.secrets')

/** The words of the docker command that runs an image, with what lies in ./.secrets. */
export function dockerWords({ spec, port, cwd }: LocalRun): string[] {
  const variables = Object.entries(environmentOf(spec)).flatMap(([name, value]) => ['-e', `${name}=${value}`])
  const secrets = secretsIn(cwd)
  const place = '/var/openfaas/secrets'
  const mount = existsSync(secrets) ? ['-v', `${secrets}:${place}:ro`, '-e', `SECRETS_DIR=${place}`] : []
  const hardened = spec.readOnlyRootFilesystem ? ['--read-only', '--tmpfs', '/tmp'] : []
  return [
    'docker',
    'run',
    '--rm',
    '-i',
    '-p',
    `127.0.0.1:${port}:8080`,
    ...hardened,
    ...mount,
    ...variables,
    spec.image,
  ]
}

export const runImage = (run: LocalRun): Promise<number> => ended(dockerWords(run), run.cwd, run.variables)

function environmentOf({ name, namespace, process, environment }: FunctionSpec): Record<string, string> {
  const own = {
    OPENFAAS_NAME: name,
    OPENFAAS_NAMESPACE: namespace,
    ...(process !== undefined && { fprocess: process }),
  }
  return { ...own, ...environment }
}

/** Ctrl-C reaches the program too: we wait for its end. */
async function ended(
  [command = '', ...words]: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const child = spawn(command, words, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] })
  const tell = (signal: NodeJS.Signals) => void child.kill(signal)
  const wait = () => {}
  process.on('SIGINT', wait).on('SIGTERM', tell)
  try {
    const [code] = (await once(child, 'exit')) as [number | null]
    return code ?? 0
  } catch (cause) {
    throw new SkepError('start_failed', `The program ${command} cannot be started.`, {
      cause,
      hint: 'Install it, or look at the PATH.',
    })
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', tell)
  }
}
