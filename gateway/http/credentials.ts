import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Credentials {
  readonly user: string
  readonly password: string
  /** True when this start made the password: it is shown once. */
  readonly generated: boolean
}

/**
 * From the secret files `basic-auth-user` and `basic-auth-password` when they are mounted; else from `<dataDir>/password`,
 * which the first start writes with mode 0600.
 */
export async function loadCredentials(secretsDir: string, dataDir: string): Promise<Credentials> {
  const mounted = await readSecret(join(secretsDir, 'basic-auth-password'))
  if (mounted) {
    const user = (await readSecret(join(secretsDir, 'basic-auth-user'))) ?? 'admin'
    return { user, password: mounted, generated: false }
  }
  const file = join(dataDir, 'password')
  const kept = await readSecret(file)
  if (kept) return { user: 'admin', password: kept, generated: false }
  const password = randomBytes(18).toString('base64url')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await writeFile(file, password + '\n', { mode: 0o600 })
  await chmod(file, 0o600)
  return { user: 'admin', password, generated: true }
}

async function readSecret(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim() || undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whether an `Authorization` header is right; takes the same time for every wrong one. */
export function credentialCheck({ user, password }: Credentials): (header: string | undefined) => boolean {
  const expected = digest(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`)
  return (header) => timingSafeEqual(digest(header ?? ''), expected)
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
