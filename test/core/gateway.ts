import { afterEach } from 'vitest'
import type { Store } from '../../gateway/core/store.ts'
import { Skep, type SkepParts } from '../../gateway/core/skep.ts'
import { FunctionSpec } from '../../gateway/core/spec.ts'
import { memoryStore, partsOf, type Place } from './place.ts'

export const spec = (fields: object = {}): FunctionSpec => FunctionSpec.parse({ name: 'hello', image: 'x', ...fields })

/** Starts gateways on a place, and closes them when the test is over. */
export function useGateways(): (there: Place, store?: Store, parts?: Partial<SkepParts>) => Promise<Skep> {
  const opened: Skep[] = []
  afterEach(() => Promise.all(opened.splice(0).map((skep) => skep.close())))
  return async (there, store = memoryStore(), parts = {}) => {
    const skep = new Skep({ ...partsOf(there, store), ...parts })
    opened.push(skep)
    await skep.start()
    return skep
  }
}

/** A gateway's life: of two revisions the first, of the image `a`, has the traffic again. */
export async function rolledBack(skep: Skep): Promise<void> {
  await skep.deploy(spec({ image: 'a' }))
  await skep.deploy(spec({ image: 'b' }))
  await skep.rollback('hello')
  await skep.close()
}
