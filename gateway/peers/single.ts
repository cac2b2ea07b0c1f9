import type { Peers } from '../core/peers.ts'

/** There is one gateway, and it leads. */
export function singleGateway(): Peers {
  return {
    self: 'single',
    silenceMs: 0,
    join: async (listener) => listener.role('leads'),
    tell: () => {},
    leave: async () => {},
  }
}
