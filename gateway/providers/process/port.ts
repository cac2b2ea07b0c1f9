import { createServer } from 'node:net'
import { SkepError } from '../../core/errors.ts'

/** Below the range that systems give to outgoing connections, so that none of them takes a port between our look and its use. */
const first = 20_000
const count = 12_000

/** Addresses for replicas. */
export class Ports {
  /** What was given out may not be listened on yet. */
  readonly #given = new Set<number>()

  /**
   * A port of the loopback that nobody listens on. Two gateways on one machine look from different places on, so that
   * they hardly ever meet; the loser's replica ends, and core starts another.
   */
  async reserve(): Promise<number> {
    const from = Math.floor(Math.random() * count)
    for (let i = 0; i < count; i++) {
      const port = first + ((from + i) % count)
      if (this.#given.has(port)) continue
      this.#given.add(port)
      if (await isFree(port)) return port
      this.#given.delete(port)
    }
    throw new SkepError('start_failed', `No port from ${first} to ${first + count - 1} is free.`, {
      hint: 'See what listens there: ss -ltn.',
    })
  }

  /** Its replica is gone. */
  release(port: number): void {
    this.#given.delete(port)
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
