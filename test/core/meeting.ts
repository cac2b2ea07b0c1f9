import type { Peers, PeersListener } from '../../gateway/core/peers.ts'
import { until } from '../helpers/until.ts'

/** Gateways that meet in memory: the first one leads at first, and who is silent for so long is gone. */
export function meeting(silenceMs = 2500) {
  const there = new Map<string, PeersListener>()
  const said: { from: string; message: string }[] = []
  const peers = (self: string): Peers => ({
    self,
    silenceMs,
    async join(listener) {
      there.set(self, listener)
      listener.role(there.size === 1 ? 'leads' : 'follows')
    },
    tell(message) {
      if (!there.has(self)) return
      setImmediate(() => {
        said.push({ from: self, message })
        for (const [name, listener] of there) if (name !== self) listener.heard(message, self)
      })
    },
    leave: async () => void there.delete(self),
  })
  /** Resolves when the others know of this one. */
  const met = (self: string): Promise<boolean> => until(() => said.some(({ from }) => from === self))
  /** The lead goes from one to the other. */
  const move = (from: string, to: string): void => {
    there.get(from)?.role('follows')
    there.get(to)?.role('leads')
  }
  return { peers, said, met, move }
}
