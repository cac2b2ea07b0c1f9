import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer } from 'node:tls'

/** What a relay calls, and how requests go to the engine behind it. */
export interface Line {
  /** `10.0.3.7:41245` */
  readonly address: string
  /** Of this line alone; who does not have it gets no word in. */
  readonly key: string
  /** Its connections lead to the engine. */
  readonly agent: Agent
  /** Resolves when the relay has called. */
  readonly called: Promise<void>
  close(): void
}

/** Waits at this address for a relay's calls. */
export async function openLine(host: string): Promise<Line> {
  const psk = randomBytes(32)
  const agent = new LineAgent()
  const options = { pskCallback: () => psk, ciphers: 'ECDHE-PSK-CHACHA20-POLY1305', maxVersion: 'TLSv1.2' } as const
  const server = createServer(options, (socket) => agent.park(socket))
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.listen(0, host)
  await once(server, 'listening')
  return {
    address: `${host}:${(server.address() as AddressInfo).port}`,
    key: psk.toString('hex'),
    agent,
    called: agent.called.promise,
    close() {
      server.close()
      agent.destroy()
      for (const socket of open) socket.destroy()
    },
  }
}

type Connected = (error: Error | null, socket: Duplex) => void

/** Hands out the connections that the relay has made: nobody can call a relay. */
class LineAgent extends Agent {
  readonly called = Promise.withResolvers<void>()
  readonly #parked = new Set<Duplex>()
  readonly #waiting: Connected[] = []

  constructor() {
    super({ keepAlive: true })
  }

  park(socket: Duplex): void {
    socket.on('error', () => {}) // its request hears of it
    this.called.resolve()
    const connected = this.#waiting.shift()
    if (connected) return connected(null, socket)
    this.#parked.add(socket)
    socket.once('close', () => this.#parked.delete(socket))
  }

  override createConnection(_options: object, connected: Connected): undefined {
    const [socket] = this.#parked
    if (!socket) return void this.#waiting.push(connected)
    this.#parked.delete(socket)
    connected(null, socket)
  }
}
