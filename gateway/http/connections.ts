import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Address } from '../core/ports.ts'
import { hostOf } from './request-head.ts'
import type { Trial } from './trial.ts'

const connectTimeoutMs = 1000
/** Servers that say nothing about it close an idle connection after 5 s (Node, uvicorn); a second is for the way. */
const defaultIdleMs = 4000
const maxIdleMs = 60_000
/** No server closes what was idle for less (gunicorn does after 2 s). What must not be sent twice takes no chance beyond this. */
const surelyOpenMs = 1500

/**
 * One buffer for every connection of the process: what is read is used or copied before the next read.
 * It spares an allocation per read.
 */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024)

/** Who uses a connection now. */
export interface ConnectionUser {
  /** Connected, and may be written to. */
  onOpen(): void
  /** `bytes` is only valid during the call. */
  onBytes(bytes: Buffer): void
  /** What was written has left; more may follow. */
  onDrain(): void
  /** The connection is gone: refused, reset, timed out, or, when `error` is undefined, closed by the other side. */
  onLost(error: Error | undefined): void
  onTick(now: number): void
}

export class Connection {
  readonly socket: Socket
  user: ConnectionUser | undefined
  /** It has carried a request before. */
  used = false
  idleSince = Infinity
  /** Idle, it is closed at this time. */
  idleUntil = Infinity
  readonly #connectUntil = performance.now() + connectTimeoutMs

  constructor(address: Address, user: ConnectionUser, onGone: (connection: Connection) => void) {
    this.user = user
    this.socket = connect({
      host: address.host,
      port: address.port,
      noDelay: true,
      keepAlive: true, // the only sign of a machine that has vanished while a function works long
      keepAliveInitialDelay: 30_000,
      onread: { buffer: readBuffer, callback: (length) => this.#onRead(length) },
    })
    this.socket.on('connect', () => this.user?.onOpen())
    this.socket.on('drain', () => this.user?.onDrain())
    this.socket.on('end', () => this.#lose(undefined))
    this.socket.on('error', (error) => this.#lose(error))
    this.socket.on('close', () => {
      this.#lose(undefined)
      onGone(this)
    })
  }

  tick(now: number): void {
    if (this.socket.connecting && now >= this.#connectUntil) this.#lose(new Error('it did not answer within a second'))
    else if (this.user) this.user.onTick(now)
    else if (now >= this.idleUntil) this.socket.destroy()
  }

  /** Its user has no more use for it, and neither has anybody else. */
  drop(): void {
    this.user = undefined
    this.socket.destroy()
  }

  #onRead(length: number): boolean {
    // Bytes that nobody asked for belong to no answer: this connection cannot be trusted with another.
    if (this.user) this.user.onBytes(readBuffer.subarray(0, length))
    else this.socket.destroy()
    return true
  }

  #lose(error: Error | undefined): void {
    const { user } = this
    this.user = undefined
    this.socket.destroy()
    user?.onLost(error)
  }
}

/** The connections to one address; the one used last is used first, so that the others can grow old and be closed. */
export class Connections {
  /** As it stands in a Host header. */
  readonly host: string
  /** Set while what answers there is perhaps not the function yet, and kept when it has turned out to be. */
  trial: Trial | undefined
  readonly #address: Address
  readonly #all = new Set<Connection>()
  readonly #idle: Connection[] = []
  readonly #opened: (connections: Connections) => void
  #forgotten = false
  /** At the last tick: exact enough, and asking costs. */
  #now = 0

  constructor(address: Address, opened: (connections: Connections) => void) {
    this.#address = address
    this.#opened = opened
    this.host = hostOf(address)
  }

  get isEmpty(): boolean {
    return this.#all.size === 0
  }

  open(user: ConnectionUser): Connection {
    const connection = new Connection(this.#address, user, (gone) => this.#remove(gone))
    this.#all.add(connection)
    this.#opened(this)
    return connection
  }

  /**
   * `repeatable`: it does no harm if the function closes the connection at this moment. What cannot take even the newest
   * one opens another in its place: those that are idle then get no more.
   */
  takeIdle(user: ConnectionUser, repeatable: boolean): Connection | undefined {
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.socket.destroyed) continue
      if (!repeatable && this.#now - connection.idleSince > surelyOpenMs) {
        connection.socket.destroy() // those before are older
        return undefined
      }
      connection.user = user
      return connection
    }
    return undefined
  }

  /** For the next request, unless the function closes idle connections too soon for that. */
  keep(connection: Connection, keepAliveSeconds: number | undefined): void {
    connection.user = undefined
    const idleMs = keepAliveSeconds === undefined ? defaultIdleMs : Math.min(keepAliveSeconds * 1000 - 1000, maxIdleMs)
    if (this.#forgotten || idleMs <= 0 || connection.socket.destroyed) return void connection.socket.destroy()
    connection.used = true
    connection.idleSince = performance.now()
    connection.idleUntil = connection.idleSince + idleMs
    this.#idle.push(connection)
  }

  #remove(connection: Connection): void {
    this.#all.delete(connection)
    const at = this.#idle.indexOf(connection)
    if (at >= 0) this.#idle.splice(at, 1)
  }

  tick(now: number): void {
    this.#now = now
    for (const connection of this.#all) connection.tick(now)
  }

  /** Closes what is idle now, and the others when their answers have ended: the address may belong to another function soon. */
  forget(): void {
    this.#forgotten = true
    for (const connection of this.#idle.splice(0)) connection.socket.destroy()
  }

  /** Cuts what is under way too. */
  close(): void {
    this.forget()
    for (const connection of this.#all) connection.socket.destroy()
  }
}
