import { SkepError } from './errors.ts'
import { functionKey } from './names.ts'
import type { FunctionSpec } from './spec.ts'

/** Throws `conflict` when one of the others has one of the ports already. */
export function refuseTakenPorts(spec: FunctionSpec, others: readonly FunctionSpec[]): void {
  for (const other of others.filter((known) => functionKey(known) !== functionKey(spec))) {
    const taken = other.publish?.find(({ port }) => spec.publish?.some((wanted) => wanted.port === port))
    if (!taken) continue
    const message = `Port ${taken.port} is published by ${functionKey(other)} already.`
    throw new SkepError('conflict', message, { hint: 'Choose another port.' })
  }
}

/** Ports that deploys under way will publish: of two at the same moment one gets them. */
export class PortClaims {
  readonly #claims = new Map<string, FunctionSpec>()

  /** Keeps the spec's ports for it while `work` runs; there is one work of a function at a time. */
  async during<T>(spec: FunctionSpec, there: readonly FunctionSpec[], work: () => Promise<T>): Promise<T> {
    refuseTakenPorts(spec, [...there, ...this.#claims.values()])
    const key = functionKey(spec)
    this.#claims.set(key, spec)
    try {
      return await work()
    } finally {
      this.#claims.delete(key)
    }
  }
}
