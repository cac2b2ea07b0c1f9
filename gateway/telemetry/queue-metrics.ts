import { Gauge, type Registry } from 'prom-client'
import type { Queue } from '../core/queue.ts'
import { functionNameOf } from './function-name.ts'

type Depth = Awaited<ReturnType<Queue['depth']>>

/**
 * What is in the queue, by function and state and, in the name that OpenFaaS has for it, how much waits all together.
 * Returns how both are brought up to date; a queue that is away has no numbers.
 */
export function queueMetrics(registry: Registry): (depth: Depth | undefined) => void {
  const registers = [registry]
  const calls = new Gauge({
    name: 'skep_async_calls',
    help: 'Asynchronous calls in the queue, by state.',
    labelNames: ['function_name', 'state'],
    registers,
  })
  const pending = new Gauge({
    name: 'queue_worker_pending_messages',
    help: 'Asynchronous calls that could run now and wait.',
    labelNames: ['queue_name'],
    registers,
  })
  return (depth) => {
    calls.reset()
    pending.reset()
    if (!depth) return
    for (const [key, states] of depth) {
      for (const [state, count] of Object.entries(states))
        calls.set({ function_name: functionNameOf(key), state }, count)
    }
    const waiting = [...depth.values()].reduce((sum, states) => sum + states.waiting, 0)
    pending.set({ queue_name: 'faas-request' }, waiting)
  }
}
