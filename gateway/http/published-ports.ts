import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { messageOf } from '../core/errors.ts'
import type { Log } from '../core/ports.ts'
import type { Invoker } from './hot-path.ts'

/** A port of this machine that is to lead to a function. */
export interface PublishedPort {
  readonly function: string
  readonly port: number
  /** Where the program listens; left out: where it answers HTTP. */
  readonly target?: number | undefined
}

export interface PublishedPortsOptions {
  readonly host: string
  readonly invoker: Pick<Invoker, 'lease'>
  /** What is asked for now. */
  readonly list: () => readonly PublishedPort[]
  readonly log: Log
}

const lookEveryMs = 500

/**
 * Ports that functions are published at. The gateway listens itself and not the replica: so any number of replicas share a port,
 * and a deploy or a rollback moves it without a gap. Each connection holds a lease, which a draining revision waits for.
 */
export function publishedPorts(options: PublishedPortsOptions): { close(): void } {
  const open = new Map<number, { server: Server; wanted: PublishedPort }>()
  const callers = new Set<Socket>()

  function look(): void {
    const wanted = new Map(options.list().map((one) => [one.port, one]))
    for (const [port, { server }] of open) {
      if (wanted.has(port)) continue
      server.close() // connections go on until they end
      open.delete(port)
    }
    for (const one of wanted.values()) {
      const known = open.get(one.port)
      if (known) known.wanted = one
      else openPort(one)
    }
  }

  function openPort(wanted: PublishedPort): void {
    const entry = { wanted, server: createServer({ allowHalfOpen: true, noDelay: true }) }
    open.set(wanted.port, entry)
    entry.server.on('connection', (caller) => {
      callers.add(caller.on('close', () => callers.delete(caller)))
      void join(caller, entry.wanted, options)
    })
    // It is not tried again before the function asks for another one: somebody else has it, and said so once.
    entry.server.on('error', (error) =>
      options.log.warn('port cannot be published', { ...wanted, error: error.message }),
    )
    entry.server.listen(wanted.port, options.host)
  }

  const timer = setInterval(look, lookEveryMs)
  look()
  return {
    close() {
      clearInterval(timer)
      for (const { server } of open.values()) server.close()
      for (const caller of callers) caller.destroy()
    },
  }
}

/** Joins the caller's connection with one to a replica, which is leased until both have ended. */
async function join(caller: Socket, wanted: PublishedPort, { invoker, log }: PublishedPortsOptions): Promise<void> {
  const left = new AbortController()
  caller.on('error', () => {}) // 'close' follows
  caller.on('close', () => left.abort())
  try {
    const lease = await invoker.lease(wanted.function, left.signal, { headers: [] })
    if (caller.closed) return lease.release()
    const { host, port } = lease.address
    const replica = connect({ host, port: wanted.target ?? port, allowHalfOpen: true, noDelay: true })
    replica.on('error', (error) => log.warn('published port', { ...wanted, error: error.message }))
    replica.on('close', () => {
      lease.release()
      caller.destroySoon()
    })
    caller.on('close', () => replica.destroySoon())
    caller.pipe(replica)
    replica.pipe(caller)
  } catch (error) {
    caller.destroy()
    if (!left.signal.aborted) log.warn('published port', { ...wanted, error: messageOf(error) })
  }
}
