import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageFile } from '../package-file.ts'

export interface StackFolder {
  readonly composeFile: string
  readonly prometheusFile: string
  readonly password: string
}

const files = ['docker-compose.yml', 'registry-door.conf', 'docker-compose.prometheus.yml', 'prometheus.yml']

/** The folder that a stack is deployed from, with its secrets; a second time it keeps its password. */
export async function writeStackFolder(folder: string): Promise<StackFolder> {
  const secrets = join(folder, 'secrets')
  await mkdir(secrets, { recursive: true, mode: 0o700 })
  for (const name of files) await copyFile(packageFile(name), join(folder, name))
  const password = await keptOrNew(join(secrets, 'basic-auth-password'))
  const write = (name: string, text: string) => writeFile(join(secrets, name), text, { mode: 0o600 })
  await write('basic-auth-user', 'admin')
  await write('registry-door', `admin:{PLAIN}${password}\n`)
  return {
    composeFile: join(folder, 'docker-compose.yml'),
    prometheusFile: join(folder, 'docker-compose.prometheus.yml'),
    password,
  }
}

async function keptOrNew(file: string): Promise<string> {
  const kept = await readFile(file, 'utf8').catch(() => undefined) // none yet
  if (kept) return kept
  const password = randomBytes(18).toString('base64url')
  await writeFile(file, password, { mode: 0o600 })
  return password
}
