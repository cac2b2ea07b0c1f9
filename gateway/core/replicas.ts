import type { Address, Replica } from './ports.ts'

/** The right to send one request to a replica, held until the answer's last byte. Release it exactly once. */
export interface Lease {
  readonly address: Address
  release(): void
}

/** A replica that answers. It is its own lease, so that leasing allocates nothing on the hot path. */
export class Member implements Lease {
  readonly replica: Replica
  inFlight = 0
  /** It may finish what it has, and never comes back. */
  outdated = false
  readonly #released: (member: Member) => void

  constructor(replica: Replica, released: (member: Member) => void) {
    this.replica = replica
    this.#released = released
  }

  get address(): Address {
    return this.replica.address
  }

  release(): void {
    this.inFlight--
    this.#released(this)
  }
}

/** The member with the fewest requests in flight that may take one more. */
export function leastBusy(members: readonly Member[], concurrency: number): Member | undefined {
  let best: Member | undefined
  for (const member of members) {
    if (member.inFlight < concurrency && (best === undefined || member.inFlight < best.inFlight)) best = member
  }
  return best
}

/** The member, and the others on its machine where that is known. */
export function onMachineOf(member: Member, members: readonly Member[]): Member[] {
  const { node } = member.replica
  return members.filter((other) => other === member || (node !== undefined && other.replica.node === node))
}
