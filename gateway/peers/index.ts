import type { Peers } from '../core/peers.ts'

export const peers = {
  single: async (): Promise<Peers> => (await import('./single.ts')).singleGateway(),
  redis: async (url: string): Promise<Peers> => (await import('./redis.ts')).redisPeers(url),
}
