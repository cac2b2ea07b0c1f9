import type { IncomingMessage } from 'node:http'

const lingerMs = 2000

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'

/**
 * Reads on for a moment what the caller still sends of a body that nobody wants: closing at once would reset the
 * connection, and the reset can overtake the answer.
 */
export function linger(req: IncomingMessage): void {
  if (!hasBody(req) || req.complete || req.destroyed) return
  const timer = setTimeout(() => req.socket.destroy(), lingerMs)
  req.once('close', () => clearTimeout(timer))
  req.resume()
}
