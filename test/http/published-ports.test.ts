import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { publishedPorts, type PublishedPort } from '../../gateway/http/published-ports.ts'
import { silentLog } from '../core/place.ts'
import { freePort } from '../helpers/free-port.ts'
import { until } from '../helpers/until.ts'
import { listen } from './direct-edge.ts'
import { RawCaller } from './raw.ts'

let program: Server
let sockets: Socket[]
let wanted: PublishedPort[]
let leases: number
let ports: { close(): void }

beforeEach(async () => {
  sockets = []
  wanted = []
  leases = 0
  program = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    socket.write('220 hello\r\n')
    socket.on('data', (data: Buffer) => socket.write(`got ${data.toString()}`))
    socket.on('end', () => socket.end('221 bye\r\n'))
  })
  const target = await listen(program)
  const address = { host: '127.0.0.1', port: target }
  const lease = async (name: string) => {
    if (name !== 'mail') throw new Error(`no function ${name}`)
    leases++
    return { address, release: () => void leases-- }
  }
  ports = publishedPorts({ host: '127.0.0.1', invoker: { lease }, list: () => wanted, log: silentLog })
})

afterEach(() => {
  ports.close()
  for (const socket of sockets) socket.destroy()
  program.close()
})

/** A caller who is connected; the port may not be open yet. */
async function callerAt(port: number): Promise<RawCaller> {
  let caller = new RawCaller(port)
  await until(() => {
    if (caller.closed) caller = new RawCaller(port)
    return caller.received.length > 0
  })
  return caller
}

/** What the other side says first; nothing if it hangs up, or refuses. */
async function answerAt(port: number): Promise<string> {
  const caller = new RawCaller(port)
  await until(() => caller.closed || caller.received.length > 0)
  caller.leave()
  return caller.received
}

describe('a published port', () => {
  it('carries whatever is spoken, both ways and to the end of each, and holds a lease for so long', async () => {
    const port = await freePort()
    wanted = [{ function: 'mail', port }]
    const caller = await callerAt(port)
    await caller.send('EHLO me\r\n').receives(/got EHLO me\r\n/)
    expect(leases).toBe(1)
    caller.socket.end()
    expect(await caller.ends()).toMatch(/221 bye\r\n$/)
    await until(() => leases === 0)
  })

  it('is closed when no function asks for it any more; who is connected goes on', async () => {
    const port = await freePort()
    wanted = [{ function: 'mail', port }]
    const caller = await callerAt(port)
    wanted = []
    await until(async () => (await answerAt(port)) === '')
    await caller.send('still there').receives(/got still there/)
    caller.leave()
    await until(() => leases === 0)
  })

  it('hangs up on callers of a function that cannot be reached', async () => {
    const port = await freePort()
    wanted = [{ function: 'mail', port }]
    ;(await callerAt(port)).leave()
    wanted = [{ function: 'nobody', port }]
    await until(async () => (await answerAt(port)) === '')
    await until(() => leases === 0)
  })
})
