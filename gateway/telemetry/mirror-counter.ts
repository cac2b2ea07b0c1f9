import { Counter, type Registry } from 'prom-client'
import type { FunctionLoad } from '../core/ports.ts'
import { functionNameOf } from './function-name.ts'

export function addMirrorCounter(loads: () => FunctionLoad[], registry: Registry): void {
  new Counter({
    name: 'skep_mirrored_calls',
    help: 'Requests that were to be copied to another revision, by whether both had the same status.',
    labelNames: ['function_name', 'result'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { key, mirrored } of loads()) {
        for (const [result, count] of Object.entries(mirrored ?? {}))
          this.inc({ function_name: functionNameOf(key), result }, count)
      }
    },
  })
}
