import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from './free-port.ts'

/** A redis-server of its own, with a fresh folder; it keeps port and data over `kill` and `start`. */
export interface RedisServer {
  readonly url: string
  start(): Promise<void>
  /** Ends it with SIGKILL, as a crash would. */
  kill(): Promise<void>
  /** Lets it hang, as a machine without memory does, until `resume`. */
  pause(): void
  resume(): void
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

export async function startRedis(...options: string[]): Promise<RedisServer> {
  const dir = await mkdtemp(join(tmpdir(), 'skep-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let server: ChildProcess | undefined
  const redis: RedisServer = {
    url,
    async start() {
      const args = ['--port', `${port}`, '--dir', dir, '--bind', '127.0.0.1', '--save', '', ...options]
      server = spawn('redis-server', args, { stdio: 'ignore' })
      await answers(url)
    },
    async kill() {
      if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
      const exit = once(server, 'exit')
      server.kill('SIGKILL')
      await exit
    },
    pause: () => void server?.kill('SIGSTOP'),
    resume: () => void server?.kill('SIGCONT'),
    async stop() {
      await redis.kill()
      await rm(dir, { recursive: true, force: true })
    },
  }
  await redis.start()
  return redis
}

async function answers(url: string): Promise<void> {
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20 })
  client.on('error', () => undefined)
  await client.ping()
  client.disconnect()
}
