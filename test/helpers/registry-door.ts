import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inside } from '../lab/namespace.ts'
import type { Node } from '../lab/node.ts'
import { findProgram } from '../lab/shell.ts'
import type { Registry } from './registry.ts'

/** The stack's own door, by its own settings: the node then knows the registry as 127.0.0.1:5000, for `admin` with that password. */
export function startDoor({ namespace }: Node, registry: Registry, { folder, password }: DoorOptions): ChildProcess {
  mkdirSync(folder)
  writeFileSync(join(folder, 'password'), `admin:{PLAIN}${password}`)
  const settings = readFileSync('registry-door.conf', 'utf8')
    .replaceAll('/tmp/', `${folder}/`)
    .replace('/run/secrets/registry-door', join(folder, 'password'))
    .replace('registry:5000', registry.host)
  writeFileSync(join(folder, 'nginx.conf'), settings)
  // Somebody else could not read the folder.
  const options = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'user root;']
  return spawn(...inside(namespace, [findProgram('nginx') ?? 'nginx', ...options]), { stdio: 'ignore' })
}

interface DoorOptions {
  /** To be made. */
  readonly folder: string
  readonly password: string
}
