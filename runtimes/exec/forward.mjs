import { spawn } from 'node:child_process'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const startLimitMs = 60_000
/** Headers that speak of one connection only. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'proxy-connection',
])

/** Starts a program that is a server itself; a handler that passes requests on to it. */
export async function forwardTo({ command, folder, upstream }) {
  const { hostname, port } = new URL(upstream)
  const [file, ...options] = command
  const child = spawn(file, options, {
    cwd: folder,
    env: { ...process.env, PORT: port },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  process.on('exit', () => child.kill('SIGTERM'))
  await listening({ child, file, hostname, port })
  // Without it there is nothing to serve: this replica ends and another takes its place.
  child.on('exit', (code, signal) => {
    console.error(`${file} ended with ${signal ?? `status ${code}`}.`)
    process.exit(1)
  })
  const agent = new Agent({ keepAlive: true })
  return (event) => forward(event, { agent, hostname, port })
}

async function listening({ child, file, hostname, port }) {
  let gone
  child.on('error', (error) => (gone = `${file} cannot be started: ${error.message}`))
  child.on('exit', (code, signal) => (gone = `${file} ended with ${signal ?? `status ${code}`} before it listened.`))
  const deadline = Date.now() + startLimitMs
  while (!(await accepts(hostname, port))) {
    if (gone) throw new Error(gone)
    if (Date.now() > deadline) throw new Error(`${file} does not listen on ${hostname}:${port}, the upstream_url.`)
    await sleep(20) // a port cannot be waited for
  }
}

const accepts = (host, port) =>
  new Promise((resolve) => {
    const socket = connect({ host, port })
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })

function forward({ method, url, headers, raw }, { agent, hostname, port }) {
  const length = raw.length > 0 || 'content-length' in headers ? { 'content-length': raw.length } : {}
  const options = { agent, hostname, port, method, path: url, headers: { ...endToEnd(headers), ...length } }
  return new Promise((resolve, reject) => {
    const sent = request(options, (answer) =>
      resolve({ statusCode: answer.statusCode, headers: endToEnd(answer.headersDistinct), body: answer }),
    )
    sent.on('error', reject).end(raw)
  })
}

const endToEnd = (headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)))
