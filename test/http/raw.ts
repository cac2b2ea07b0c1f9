import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { until } from '../helpers/until.ts'
import { listen } from './direct-edge.ts'

/** A caller that writes bytes and reads bytes, so that nothing in between can be polite. */
export class RawCaller {
  readonly socket: Socket
  /** All that came, as latin1. */
  received = ''
  closed = false

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.on('data', (data) => (this.received += data.toString('latin1')))
    this.socket.on('error', () => {}) // 'close' follows
    this.socket.on('close', () => (this.closed = true))
  }

  send(text: string): this {
    this.socket.write(text, 'latin1')
    return this
  }

  /** Everything received, once it matches. */
  async receives(expected: RegExp): Promise<string> {
    await until(() => expected.test(this.received) || this.closed)
    if (!expected.test(this.received)) throw new Error(`Closed, and no ${String(expected)} in: ${this.received}`)
    return this.received
  }

  /** Everything received, once the other side has closed the connection. */
  async ends(): Promise<string> {
    await until(() => this.closed)
    return this.received
  }

  leave(): void {
    this.socket.destroy()
  }
}

export interface RawFunction {
  readonly port: number
  readonly server: Server
  /** Every byte that came on each connection, as latin1. */
  readonly connections: { received: string; closed: boolean }[]
  readonly close: () => void
}

/** Called at each request's head; `connection.received` goes on growing. */
export type Script = (socket: Socket, head: string, connection: { readonly received: string }) => void

/** Answers when this much of the connection's bytes has come. */
export const answerAfter =
  (expected: RegExp, bytes: string): Script =>
  (socket, _, connection) => {
    const answer = (): boolean => expected.test(connection.received) && socket.write(bytes)
    if (!answer()) socket.on('data', answer)
  }

/** A function that answers each request head with these bytes, or does what it likes with the connection. */
export async function rawFunction(answer: string | Script): Promise<RawFunction> {
  const connections: RawFunction['connections'] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const connection = { received: '', closed: false }
    let read = 0
    connections.push(connection)
    sockets.add(socket)
    socket.on('error', () => {}) // 'close' follows
    socket.on('close', () => (connection.closed = sockets.delete(socket)))
    socket.on('data', (data) => {
      connection.received += data.toString('latin1')
      const end = connection.received.indexOf('\r\n\r\n', read)
      if (end < 0) return
      const head = connection.received.slice(read, end + 2)
      read = connection.received.length
      if (typeof answer === 'function') answer(socket, head, connection)
      else socket.write(answer, 'latin1')
    })
  })
  const port = await listen(server)
  return {
    port,
    server,
    connections,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** The body of an answer in chunks. */
export function unchunked(answer: string): string {
  let rest = answer.slice(answer.indexOf('\r\n\r\n') + 4)
  let body = ''
  for (;;) {
    const line = rest.indexOf('\r\n')
    const size = Number.parseInt(rest.slice(0, line), 16)
    if (!(size > 0)) return body
    body += rest.slice(line + 2, line + 2 + size)
    rest = rest.slice(line + 4 + size)
  }
}
