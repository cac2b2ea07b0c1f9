// A program of its own: `relay.ts` has it run on a node that shall build, with nothing but Node there. It listens to nobody. It
// calls the gateway, under a key of this build's own, and takes requests from there to the node's engine: only those that a
// build and its push need, because whoever may ask an engine everything is root on its machine.
import { createServer, request } from 'node:http'
import { connect } from 'node:tls'

const { SKEP_GATEWAY: gateway = '', SKEP_BUILD_KEY: key = '', SKEP_ENGINE: socketPath = '' } = process.env
const [host, port] = gateway.split(':')
/** The gateway says something every two seconds. */
const longestSilenceMs = 15_000
const callAgainMs = 300

const image = String.raw`[\w.:@/-]+`
const allowed = [
  /^GET \/(_ping|version|images\/json)$/,
  /^HEAD \/_ping$/,
  /^POST \/(build|session)$/,
  new RegExp(`^GET /images/${image}/json$`),
  new RegExp(`^POST /images/${image}/(tag|push)$`),
  new RegExp(`^DELETE /images/${image}$`),
]

const isAllowed = ({ method, url }) => {
  const path = url.replace(/\?.*/s, '').replace(/^\/v[\d.]+\//, '/')
  return !path.includes('..') && allowed.some((pattern) => pattern.test(`${method} ${path}`))
}

const silence = setTimeout(() => process.exit(1), longestSilenceMs)

/** To the engine; undefined when it is nothing for a build. */
function pass(asked) {
  silence.refresh()
  if (!asked.socket.isUsed) call()
  asked.socket.isUsed = true
  // As lists: BuildKit's session has a header for each of its methods.
  const headers = { ...asked.headersDistinct, host: 'engine' }
  const { method, url: path } = asked
  return isAllowed(asked) ? request({ socketPath, method, path, headers }) : undefined
}

// An upload may take as long as the gateway lets it, and connections wait for their next request.
const patient = { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 }
const server = createServer(patient, (asked, answer) => {
  const passed = pass(asked)
  if (!passed) return answer.writeHead(403).end('{"message":"that is nothing for a build"}')
  passed.on('response', (from) => {
    answer.writeHead(from.statusCode, from.headersDistinct)
    from.on('error', () => answer.destroy()).pipe(answer)
  })
  passed.on('error', () => answer.destroy())
  // The engine ends a build that nobody listens to.
  answer.on('close', () => passed.destroy())
  asked.pipe(passed)
})

// A BuildKit asks back over a connection that begins as a request.
server.on('upgrade', (asked, caller, head) => {
  const passed = pass(asked)
  if (!passed) return caller.end('HTTP/1.1 403 Forbidden\r\n\r\n')
  caller.on('error', () => passed.destroy())
  passed.on('response', () => caller.destroy())
  passed.on('error', () => caller.destroy())
  passed.on('upgrade', ({ rawHeaders }, engine, first) => {
    const lines = rawHeaders.map((text, i) => (i % 2 === 0 ? `${text}: ` : `${text}\r\n`))
    caller.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`)
    caller.write(first)
    engine.write(head)
    engine.on('error', () => caller.destroy()).on('close', () => caller.destroy())
    caller.on('close', () => engine.destroy())
    engine.pipe(caller).pipe(engine)
  })
  passed.end()
})

let isThrough = false

/** There is always one connection more than are used: the gateway cannot call here. */
function call() {
  const psk = Buffer.from(key, 'hex')
  // No certificates: who has the key is the gateway.
  const options = {
    pskCallback: () => ({ psk, identity: 'relay' }),
    ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
    maxVersion: 'TLSv1.2',
    checkServerIdentity() {},
  }
  const socket = connect({ host, port: Number(port), ...options }, () => {
    isThrough = true
    server.emit('connection', socket)
  })
  socket.on('error', ({ code }) => {
    // It has what it wanted, or is gone.
    if (isThrough && code === 'ECONNREFUSED') process.exit(0)
  })
  socket.on('close', () => {
    // A network between nodes takes a moment until all of them know who is new.
    if (!socket.isUsed) setTimeout(call, callAgainMs)
  })
}

process.on('SIGTERM', () => process.exit(0))
call()
