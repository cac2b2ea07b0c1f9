import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DockerOptions } from 'dockerode'
import { SkepError } from '../gateway/core/errors.ts'
import type { Env } from './env.ts'

/**
 * Where the engine is: DOCKER_HOST, which dockerode reads itself, else the current context of the docker CLI,
 * else dockerode's default socket.
 */
export async function engineOptions(env: Env): Promise<DockerOptions> {
  if (env.dockerHost !== undefined) return {}
  const name = env.dockerContext ?? (await currentContext(env))
  const host = name === undefined || name === 'default' ? undefined : await hostOf(env, name)
  return host === undefined ? {} : optionsFor(new URL(host), env)
}

async function currentContext(env: Env): Promise<string | undefined> {
  const config = await readJson<{ currentContext?: string }>(join(env.dockerConfigFolder, 'config.json'))
  return config?.currentContext
}

/** The docker CLI names the folder of a context by the hash of its name. */
async function hostOf(env: Env, context: string): Promise<string | undefined> {
  const folder = createHash('sha256').update(context).digest('hex')
  const file = join(env.dockerConfigFolder, 'contexts', 'meta', folder, 'meta.json')
  const meta = await readJson<{ Endpoints?: { docker?: { Host?: string } } }>(file)
  return meta?.Endpoints?.docker?.Host
}

function optionsFor(host: URL, { sshAgent }: Env): DockerOptions {
  if (host.protocol === 'unix:') return { socketPath: host.pathname }
  const port = host.port === '' ? {} : { port: host.port }
  if (host.protocol !== 'ssh:') return { protocol: 'http', host: host.hostname, ...port }
  return { protocol: 'ssh', host: host.hostname, username: host.username, sshOptions: { agent: sshAgent }, ...port }
}

/** Undefined when there is no such file; the docker CLI writes all that are read here. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  try {
    return text === undefined ? undefined : (JSON.parse(text) as T)
  } catch (cause) {
    throw new SkepError('invalid_request', `The file ${file} is not JSON.`, {
      cause,
      hint: 'The program "docker" wrote it: repair it, or remove it and log in to your registries again.',
    })
  }
}
