import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { failureBody, SkepError } from '../core/errors.ts'
import { hasBody } from './caller-body.ts'

export interface StallLimits {
  readonly afterMs: number
  /** How often it is looked who keeps others waiting. */
  readonly everyMs: number
}

/**
 * Callers who keep a connection busy and do not do their part: for so long no byte came of the body that they announced, or
 * none of the answer was taken. Those who wait for an answer may wait for ever. Looked at now and then, all at once: a timer for
 * each request would cost more than the rest of this.
 */
export class Stalls {
  readonly #limits: StallLimits
  readonly #sockets = new Set<Socket>()
  /** The last request with a body on each connection. */
  readonly #bodies = new Map<Socket, ServerResponse>()

  constructor(server: Server, limits: StallLimits) {
    this.#limits = limits
    const timer = setInterval(() => this.#look(), limits.everyMs).unref()
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.leave(socket))
    })
    server.on('timeout', (socket) => this.#cut(socket))
    server.on('close', () => clearInterval(timer))
  }

  /** A request has begun. */
  watch(res: ServerResponse): void {
    if (hasBody(res.req)) this.#bodies.set(res.req.socket, res)
  }

  /** It is gone, or speaks another protocol from now on. */
  leave(socket: Socket): void {
    this.#sockets.delete(socket)
    this.#bodies.delete(socket)
  }

  /** Node counts from the last byte in either direction, also of a write that leaves bit by bit. */
  #look(): void {
    const { afterMs } = this.#limits
    for (const socket of this.#sockets) {
      const counts = socket.timeout === afterMs
      const isDue = socket.writableLength > 0 || this.#sends(socket)
      if (isDue !== counts) socket.setTimeout(isDue ? afterMs : 0)
    }
  }

  /** Whether more of a body has to come, and this side would take it. */
  #sends(socket: Socket): boolean {
    const req = this.#bodies.get(socket)?.req
    if (req === undefined) return false
    if (req.complete || req.destroyed) return !this.#bodies.delete(socket)
    return isTaken(req)
  }

  #cut(socket: Socket): void {
    const res = this.#bodies.get(socket)
    if (!res || res.req.complete || res.headersSent) return void socket.destroy()
    socket.write(tooSlow(this.#limits.afterMs))
    socket.destroySoon()
  }
}

/** Node reads on until its buffer is full. Who expects a 100 first may have to wait for that as long as the function takes. */
const isTaken = (req: IncomingMessage): boolean =>
  req.readableLength < req.readableHighWaterMark && req.headers.expect === undefined

/** As Node answers such callers itself: what was to be answered otherwise hears that they are gone. */
function tooSlow(afterMs: number): string {
  const error = new SkepError('body_stalled', `Nothing more of the request body came for ${afterMs / 1000} s.`, {
    hint: 'Send it again, without such a pause.',
  })
  const text = `${JSON.stringify(failureBody(error, false))}\n`
  const headers = `Content-Type: application/json\r\nContent-Length: ${text.length}\r\nX-Skep-Error: ${error.code}`
  return `HTTP/1.1 ${error.status} Request Timeout\r\nConnection: close\r\n${headers}\r\n\r\n${text}`
}
