import type { Address, Carrier } from '../core/ports.ts'
import { Connections } from './connections.ts'
import { Exchange } from './exchange.ts'
import { probe } from './probe.ts'

const tickMs = 100

/**
 * An HTTP/1.1 client that only carries: no header objects, no promises, no timer per request, one write for a head.
 * With Node's own clients a request through the gateway costs twice as much (undici) to four times as much (node:http).
 */
export function httpCarrier(): Carrier {
  const places = new Map<string, Connections>()
  let timer: NodeJS.Timeout | undefined

  function tick(): void {
    const now = performance.now()
    for (const [key, connections] of places) {
      connections.tick(now)
      if (connections.isEmpty) places.delete(key)
    }
    if (places.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  function connectionsTo(address: Address): Connections {
    const key = keyOf(address)
    const known = places.get(key)
    if (known) return known
    const connections = new Connections(address)
    places.set(key, connections)
    timer ??= setInterval(tick, tickMs).unref()
    return connections
  }

  return {
    send: (address, invocation, limits, ended) =>
      new Exchange(invocation, connectionsTo(address), { limits, ended }).start(),
    probe,
    forget(address) {
      places.get(keyOf(address))?.forget()
    },
    close() {
      for (const connections of places.values()) connections.close()
    },
  }
}

const keyOf = ({ host, port }: Address): string => `${host}:${port}`
