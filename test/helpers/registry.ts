import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type Docker from 'dockerode'
import { inside } from '../lab/namespace.ts'
import { done } from '../lab/progress.ts'
import { findProgram, run } from '../lab/shell.ts'
import { ownEngine } from './docker-host.ts'

/** An image registry of the test's own; engines speak to it without TLS. */
export interface Registry {
  /** How image names begin: `127.0.0.1:40123`. */
  readonly host: string
  /** Where the test reaches it, which is elsewhere when the engine has a network of its own. */
  readonly url: string
  /** Pushes an image that the engine has; resolves with its name here. */
  push(docker: Docker, tag: string): Promise<string>
  readonly stop: () => Promise<void>
}

/** Whom alone a registry answers. */
interface Login {
  readonly username: string
  readonly password: string
}

/** Starts one where the tests' engine is, or at `address`, for engines on a switch for example. Port 0: any free one. */
export async function startRegistry(address?: string, port = 0, login?: Login): Promise<Registry> {
  const namespace = address ? undefined : ownEngine?.network.namespace
  const folder = mkdtempSync(join(tmpdir(), 'skep-registry-'))
  const config = join(folder, 'config.json') // every JSON is a YAML
  const http = { addr: `${address ?? (namespace ? '' : '127.0.0.1')}:${port}` }
  const storage = { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } }
  const auth = login && { htpasswd: { realm: 'bees', path: await passwordFile(folder, login) } }
  writeFileSync(config, JSON.stringify({ version: 0.1, log: { accesslog: { disabled: true } }, storage, http, auth }))
  const program = findProgram('docker-registry') ?? 'docker-registry'
  const server = spawn(...inside(namespace, [program, 'serve', config]), { stdio: ['ignore', 'ignore', 'pipe'] })
  const bound = await said(server.stderr, /listening on \S*:(\d+)/)
  const host = `${address ?? '127.0.0.1'}:${bound}`
  return {
    host,
    url: `http://${address ?? ownEngine?.network.address ?? '127.0.0.1'}:${bound}`,
    push: (docker, tag) => push(docker, tag, { name: `${host}/${tag}`, login }),
    stop: async () => {
      server.kill('SIGKILL')
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Hands out tokens in front of a registry, as Docker Hub does; resolves with how image names begin there. */
export async function startTokenDoor({
  host,
}: Registry): Promise<{ readonly host: string; readonly stop: () => void }> {
  const program = [process.execPath, resolve('test/fixtures/registry/token-door.mjs'), host.replace(/.*:/, '')] as const
  const door = spawn(...inside(ownEngine?.network.namespace, program), { stdio: ['ignore', 'pipe', 'inherit'] })
  const bound = await said(door.stdout, /listening on \S*:(\d+)/)
  return { host: `127.0.0.1:${bound}`, stop: () => void door.kill('SIGKILL') }
}

async function passwordFile(folder: string, { username, password }: Login): Promise<string> {
  const file = join(folder, 'htpasswd')
  writeFileSync(file, await run('htpasswd', ['-nbB', username, password]))
  return file
}

async function push(
  docker: Docker,
  tag: string,
  { name, login = { username: '', password: '' } }: { name: string; login?: Login | undefined },
): Promise<string> {
  await docker.getImage(tag).tag({ repo: name.replace(/:[^:]*$/, ''), tag: tag.replace(/.*:/, '') })
  // An engine wants credentials, also where nobody looks at them.
  await done(docker, await docker.getImage(name).push({ authconfig: login }))
  await docker.getImage(name).remove()
  return name
}

/** Waits for a line of a log and resolves with what the pattern's parentheses caught. */
async function said(log: Readable, pattern: RegExp): Promise<string> {
  let caught: string | undefined
  for await (const line of createInterface(log)) {
    caught = pattern.exec(line)?.[1]
    if (caught) break
  }
  if (!caught) throw new Error(`The program ended before it said ${String(pattern)}.`)
  log.resume() // let it go on writing
  return caught
}
