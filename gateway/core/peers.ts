/**
 * `leads`: starts and ends replicas, deploys, clears up. `follows`: serves. `alone`: the others cannot be asked, so it may
 * start what its own callers wait for, but ends nothing.
 */
export type Role = 'leads' | 'follows' | 'alone'

export interface PeersListener {
  role(role: Role): void
  heard(message: string, from: string): void
}

/** The gateways that serve the same functions together. At no time does more than one of them lead. */
export interface Peers {
  /** This gateway's name among them. */
  readonly self: string
  /** Who was silent for so long is gone; 0 where there is nobody else. */
  readonly silenceMs: number
  /** Takes part from now on. Resolves when the role is known. */
  join(listener: PeersListener): Promise<void>
  /** Reaches every other gateway that takes part, in the order in which it was told; none while they cannot be reached. */
  tell(message: string): void
  /** Takes part no more; if it led, another one may lead at once. */
  leave(): Promise<void>
}
