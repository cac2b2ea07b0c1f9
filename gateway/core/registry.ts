/** The registry of Skep's own stack: every node reaches it under this name, and trusts it because it is its own. */
export const ownRegistry = '127.0.0.1:5000'

/** Docker's own, under its historic name. */
export const dockerHub = 'https://index.docker.io/v1/'

/** What an engine needs to pull from a registry that does not answer everybody. */
export interface RegistryLogin {
  readonly username: string
  readonly password: string
}

/** The login for a registry, named as in `registryOf`. Never rejects: without a login many images can be pulled. */
export type FindLogin = (registry: string) => Promise<RegistryLogin | undefined>

/** The logins that the gateway keeps; they reject as the store does. */
export interface RegistryLogins {
  put(registry: string, login: RegistryLogin): Promise<void>
  /** False when there was none. */
  remove(registry: string): Promise<boolean>
  list(): Promise<{ readonly registry: string; readonly username: string }[]>
}

/** `127.0.0.1:5000/hello` names its registry; `user/hello` and `hello` mean Docker's own. */
export function registryOf(image: string): string {
  const [first = '', ...others] = image.split('/')
  const named = others.length > 0 && /[.:]|^localhost$/.test(first)
  return named && first !== 'docker.io' ? first : dockerHub
}

/** As people write it: `https://ghcr.io/`, `docker.io`. */
export function registryNamed(text: string): string {
  const name = text.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  return /^((index|registry-1)\.)?docker\.io$/.test(name) ? dockerHub : name
}
