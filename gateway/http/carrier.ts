import type { Carrier } from '../core/carrier.ts'
import type { Address } from '../core/ports.ts'
import { Connections } from './connections.ts'
import { Exchange } from './exchange.ts'
import { probe } from './probe.ts'
import { Trial } from './trial.ts'

const tickMs = 100

/**
 * An HTTP/1.1 client that only carries: no header objects, no promises, no timer per request, one write for a head.
 * With Node's own clients a request through the gateway costs twice as much (undici) to four times as much (node:http).
 */
export function httpCarrier(): Carrier {
  /** By host and port: joining them to one key would cost more than two look-ups. */
  const places = new Map<string, Map<number, Connections>>()
  /** Those with open connections, forgotten or not. */
  const open = new Set<Connections>()
  let timer: NodeJS.Timeout | undefined

  function opened(connections: Connections): void {
    open.add(connections)
    timer ??= setInterval(tick, tickMs).unref()
  }

  function tick(): void {
    const now = performance.now()
    for (const connections of open) {
      connections.tick(now)
      if (connections.isEmpty) open.delete(connections)
    }
    if (open.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  function connectionsTo(address: Address): Connections {
    const ports = places.get(address.host) ?? new Map<number, Connections>()
    const known = ports.get(address.port)
    if (known) return known
    const connections = new Connections(address, opened)
    places.set(address.host, ports.set(address.port, connections))
    return connections
  }

  return {
    send: (address, invocation, limits, ended) =>
      new Exchange(invocation, connectionsTo(address), { limits, ended }).start(),
    async probe(address, options) {
      const connections = connectionsTo(address)
      await connections.trial?.pause(options.signal)
      if ((await probe(address, options)) === 'watchdog') connections.trial ??= new Trial()
    },
    forget({ host, port }) {
      const ports = places.get(host)
      ports?.get(port)?.forget()
      ports?.delete(port)
      if (ports?.size === 0) places.delete(host)
    },
    close() {
      for (const connections of open) connections.close()
    },
  }
}
