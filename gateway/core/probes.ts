import type { Member } from './replicas.ts'

interface Probe {
  readonly member: Member
  readonly stop: AbortController
  /** It was ready before, and is asked again because it refused a connection. */
  readonly again: boolean
}

export interface ProbesListener {
  answered(member: Member): void
  silent(member: Member, error: unknown, again: boolean): void
}

/** Replicas that run, and are asked whether they are ready. */
export class Probes {
  readonly #listener: ProbesListener
  readonly #probes = new Map<string, Probe>()

  constructor(listener: ProbesListener) {
    this.#listener = listener
  }

  get count(): number {
    return this.#probes.size
  }

  get members(): Member[] {
    return [...this.#probes.values()].map(({ member }) => member)
  }

  has(id: string): boolean {
    return this.#probes.has(id)
  }

  begin(member: Member, again: boolean, ask: (signal: AbortSignal) => Promise<void>): void {
    const { id } = member.replica
    const stop = new AbortController()
    this.#probes.set(id, { member, stop, again })
    ask(stop.signal).then(
      () => this.#probes.delete(id) && this.#listener.answered(member),
      (error: unknown) => this.#probes.delete(id) && this.#listener.silent(member, error, again),
    )
  }

  /** Asks it no more; undefined if it was not being asked. */
  stop(id: string): { readonly again: boolean } | undefined {
    const probe = this.#probes.get(id)
    this.#probes.delete(id)
    probe?.stop.abort()
    return probe
  }

  close(): void {
    for (const id of this.#probes.keys()) this.stop(id)
  }
}
