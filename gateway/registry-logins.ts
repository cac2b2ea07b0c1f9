import type { Store } from './core/store.ts'
import { type FindLogin, ownRegistry, type RegistryLogin, type RegistryLogins } from './core/registry.ts'
import type { Credentials } from './http/credentials.ts'
import { sealWith } from './seal.ts'

const prefix = 'registry-login/'

export interface KeptLogins extends RegistryLogins {
  readonly find: FindLogin
}

export interface LoginOptions {
  readonly store: Store
  readonly credentials: Credentials
  /** The stack has a registry, whose door opens to the gateway's own credentials. */
  readonly ownsRegistry: boolean
}

/** The logins of registries, in the store for all gateways, and there sealed with the gateway's password. */
export function registryLogins({ store, credentials, ownsRegistry }: LoginOptions): KeptLogins {
  const { user: username, password } = credentials
  const seal = sealWith(password)
  /** For pulls while the store is away. */
  const known = new Map<string, RegistryLogin>(ownsRegistry ? [[ownRegistry, { username, password }]] : [])
  const opened = async (value: string): Promise<RegistryLogin | undefined> => {
    const text = await seal.open(value)
    return text === undefined ? undefined : (JSON.parse(text) as RegistryLogin)
  }
  return {
    async put(registry, login) {
      await store.put(prefix + registry, await seal.close(JSON.stringify(login)))
    },
    async remove(registry) {
      const there = await store.get(prefix + registry)
      await store.delete(prefix + registry)
      known.delete(registry)
      return there !== undefined
    },
    async list() {
      const kept = await store.list(prefix)
      const logins = kept.map(async ({ key, value }) => {
        return { registry: key.slice(prefix.length), username: (await opened(value))?.username ?? 'not readable' }
      })
      return Promise.all(logins)
    },
    async find(registry) {
      if (ownsRegistry && registry === ownRegistry) return known.get(registry)
      const kept = await store.get(prefix + registry).catch(() => 'away' as const)
      if (kept === 'away') return known.get(registry)
      const login = kept && (await opened(kept.value))
      if (login) known.set(registry, login)
      else known.delete(registry)
      return login
    },
  }
}
