import { SkepError } from '../../core/errors.ts'
import type { FunctionSpec } from '../../core/spec.ts'
import { parseSize } from '../../core/units.ts'
import { cpusOf, memoryOf } from '../engine/container.ts'
import type { Ground } from '../engine/ground.ts'

/** The engine itself refuses less than this. */
const leastMemory = 6 * 1024 * 1024

/** Throws if this engine can never run such a function: so that the deploy fails, and not the first call. */
export function refuseImpossible(spec: FunctionSpec, { cpus }: Ground): void {
  if ((parseSize(memoryOf(spec)) ?? 0) < leastMemory) {
    throw refused(`${memoryOf(spec)} of memory are too little for ${spec.name}.`, 'Give it 6Mi or more.')
  }
  if (cpusOf(spec) > cpus) {
    throw refused(`${spec.name} asks for ${cpusOf(spec)} processors; this engine has ${cpus}.`, 'Lower limits.cpu.')
  }
}

const refused = (message: string, hint: string): SkepError => new SkepError('invalid_request', message, { hint })
