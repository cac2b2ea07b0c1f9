import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { listen } from '../http/direct-edge.ts'
import { measuredCore, otherCore, startOn, stop } from './programs.ts'

/** A server under load, or behind it. */
export interface Target {
  readonly url: string
  stop(): Promise<void>
}

/** The function: 14 bytes, as fast as can be. */
export async function staticFunction(): Promise<Target> {
  return nginx(
    otherCore,
    (port) =>
      `server { listen 127.0.0.1:${port}; location / { default_type text/plain; return 200 "hello, world!\\n"; } }`,
  )
}

/** What a gateway has to compare with: one worker, connections kept on both sides. */
export async function nginxProxy(upstream: Target): Promise<Target> {
  const { host } = new URL(upstream.url)
  return nginx(
    measuredCore,
    (port) => `
      upstream function { server ${host}; keepalive 128; keepalive_requests 1000000000; }
      server {
        listen 127.0.0.1:${port};
        location / { proxy_pass http://function; proxy_http_version 1.1; proxy_set_header Connection ""; }
      }`,
  )
}

/** Skep in front of the function. */
export async function skep(upstream: Target): Promise<Target> {
  const { hostname, port } = new URL(upstream.url)
  const script = fileURLToPath(new URL('gateway-process.ts', import.meta.url))
  const child = startOn(measuredCore, [process.execPath, script, hostname, port])
  return { url: `http://127.0.0.1:${await firstLine(child)}/function/hello`, stop: () => stop(child) }
}

async function nginx(core: number, servers: (port: number) => string): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'skep-bench-'))
  const port = await freePort()
  const config = `
    daemon off; master_process off; worker_processes 1; error_log stderr error; pid ${folder}/pid;
    events { worker_connections 1024; }
    http {
      access_log off; keepalive_requests 1000000000;
      client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
      ${servers(port)}
    }`
  await writeFile(join(folder, 'nginx.conf'), config)
  const child = startOn(core, ['nginx', '-e', 'stderr', '-c', join(folder, 'nginx.conf')])
  const url = `http://127.0.0.1:${port}/`
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error('nginx does not start.')
    await sleep(20)
  }
  return {
    url,
    async stop() {
      await stop(child)
      await rm(folder, { recursive: true })
    },
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('It has no output.')
  for await (const line of createInterface(child.stdout)) return line
  throw new Error(`${child.spawnargs.join(' ')} ended without a word.`)
}

export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false // it does not listen yet
  }
}
