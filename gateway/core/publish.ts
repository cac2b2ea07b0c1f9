import { z } from 'zod'
import { SkepError } from './errors.ts'
import { functionKey } from './names.ts'
import type { FunctionSpec } from './spec.ts'

const Port = z.coerce.number().int().min(1).max(65535)

/** Ports of the gateway's machine that lead to the function, whatever is spoken there. */
export const Publish = z.array(
  z.strictObject({
    port: Port,
    /** Where the program listens. Default: where it answers HTTP. */
    target: Port.optional(),
  }),
)

/** Throws `conflict` when a function that is there has one of the ports already. */
export function refuseTakenPorts(spec: FunctionSpec, there: readonly FunctionSpec[]): void {
  for (const other of there.filter((known) => functionKey(known) !== functionKey(spec))) {
    const taken = other.publish?.find(({ port }) => spec.publish?.some((wanted) => wanted.port === port))
    if (!taken) continue
    const message = `Port ${taken.port} is published by ${functionKey(other)} already.`
    throw new SkepError('conflict', message, { hint: 'Choose another port.' })
  }
}
