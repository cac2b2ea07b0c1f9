import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SkepError } from '../gateway/core/errors.ts'

/** One login as faas-cli keeps it; `token` is base64 of `user:password` for `basic`. */
export interface Login {
  readonly gateway: string
  readonly auth: string
  readonly token: string
  readonly options?: readonly unknown[]
}

interface ConfigFile {
  readonly auths?: readonly Login[]
}

const pathOf = (folder: string) => join(folder, 'config.yml')

export async function findLogin(folder: string, gateway: string): Promise<Login | undefined> {
  const { auths = [] } = await readConfig(folder)
  return auths.find((login) => login.gateway === gateway)
}

/** Puts the login in the place of the gateway's former one. */
export async function storeLogin(folder: string, login: Login): Promise<void> {
  const config = await readConfig(folder)
  const others = (config.auths ?? []).filter(({ gateway }) => gateway !== login.gateway)
  await writeConfig(folder, { ...config, auths: [...others, login] })
}

/** False when there was no login for this gateway. */
export async function forgetLogin(folder: string, gateway: string): Promise<boolean> {
  const config = await readConfig(folder)
  const others = (config.auths ?? []).filter((login) => login.gateway !== gateway)
  if (others.length === (config.auths ?? []).length) return false
  await writeConfig(folder, { ...config, auths: others })
  return true
}

async function readConfig(folder: string): Promise<ConfigFile> {
  const text = await readFile(pathOf(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw unreadable(folder, error)
  })
  if (text.trim() === '') return {}
  // yaml is only loaded by those who have logged in.
  const { parse } = await import('yaml')
  try {
    const config = (parse(text) ?? {}) as ConfigFile
    if (!Array.isArray(config.auths ?? [])) throw new TypeError('"auths" is not a list')
    return config
  } catch (error) {
    throw unreadable(folder, error)
  }
}

/** Written beside and moved over, so that nobody reads half a file. */
async function writeConfig(folder: string, config: ConfigFile): Promise<void> {
  const { stringify } = await import('yaml')
  const path = pathOf(folder)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(`${path}.new`, stringify(config), { mode: 0o600 })
  await chmod(`${path}.new`, 0o600)
  await rename(`${path}.new`, path)
}

const unreadable = (folder: string, cause: unknown) =>
  new SkepError('invalid_request', `The file ${pathOf(folder)} cannot be read.`, {
    cause,
    hint: 'Repair or remove it, then log in again.',
  })
