import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'

/** The app as a plain listener; whatever fails in it, it answers by itself. */
export function listener({ fetch }: { fetch: Parameters<typeof getRequestListener>[0] }): RequestListener {
  const answer = getRequestListener(fetch)
  return (req, res) => void answer(req, res)
}

/** Resolves with the server's URL; rejects with what to do when the port is taken. */
export function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      const hint = 'Free it, or choose others with SKEP_PORT, SKEP_HOST, SKEP_METRICS_PORT and SKEP_METRICS_HOST.'
      reject(new Error(`Cannot listen on ${host}:${port}: ${error.message}. ${hint}`))
    }
    server.once('error', fail)
    server.listen(port, host, () => resolve(urlOf(server.address() as AddressInfo)))
  })
}

const urlOf = ({ address, family, port }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
