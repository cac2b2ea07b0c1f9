import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { AuthConfigObject } from 'dockerode'
import { registryNamed, registryOf } from '../gateway/core/registry.ts'
import { readJson } from './docker-host.ts'
import type { Env } from './env.ts'

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>
  readonly credsStore?: string
  readonly credHelpers?: Readonly<Record<string, string>>
}

/** The login that `docker login` stored for the image's registry; empty when there is none. */
export async function registryLogin(env: Env, image: string): Promise<AuthConfigObject> {
  return loginFor(env, await readConfig(env), registryOf(image))
}

/** The login for the host that a build pulls from. */
export async function hostLogin(env: Env, host: string): Promise<AuthConfigObject> {
  return loginFor(env, await readConfig(env), registryNamed(host))
}

/** All stored logins, for base images that only their owner may pull. */
export async function allRegistryLogins(env: Env): Promise<Readonly<Record<string, AuthConfigObject>>> {
  const config = await readConfig(env)
  const registries = Object.keys({ ...config?.auths, ...config?.credHelpers })
  return Object.fromEntries(
    await Promise.all(registries.map(async (registry) => [registry, await loginFor(env, config, registry)] as const)),
  )
}

const readConfig = (env: Env) => readJson<DockerConfig>(join(env.dockerConfigFolder, 'config.json'))

async function loginFor(env: Env, config: DockerConfig | undefined, registry: string): Promise<AuthConfigObject> {
  const helper = config?.credHelpers?.[registry] ?? config?.credsStore
  if (helper !== undefined) return askHelper(env, helper, registry)
  const { auth = '', identitytoken } = config?.auths?.[registry] ?? {}
  const [, username = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth, 'base64').toString()) ?? []
  if (auth === '' && identitytoken === undefined) return {}
  return { username, password, serveraddress: registry, ...(identitytoken !== undefined && { identitytoken }) }
}

/** Docker's credential helpers take the registry on stdin and answer with JSON. */
function askHelper(env: Env, helper: string, registry: string): Promise<AuthConfigObject> {
  return new Promise((resolve) => {
    const child = execFile(`docker-credential-${helper}`, ['get'], { env: env.variables }, (error, stdout) => {
      // No helper, or nothing stored for this registry: go on without a login, as docker does.
      if (error) return resolve({})
      const { Username, Secret } = JSON.parse(stdout) as { Username: string; Secret: string }
      if (Username === '<token>') return resolve({ identitytoken: Secret, serveraddress: registry })
      resolve({ username: Username, password: Secret, serveraddress: registry })
    })
    child.stdin?.on('error', () => {}).end(registry)
  })
}
