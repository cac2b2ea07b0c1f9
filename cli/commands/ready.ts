import { setTimeout as sleep } from 'node:timers/promises'
import { asSkepError, SkepError, type ErrorCode } from '../../gateway/core/errors.ts'
import { openGateway } from '../gateway.ts'
import type { GatewayClient } from '../gateway-client.ts'
import { bodyOf } from '../http-request.ts'
import { atLeastOne, examples, functionVerb, milliseconds, type FunctionVerbOptions } from '../options.ts'
import type { Define } from './verb.ts'

interface ReadyOptions extends FunctionVerbOptions {
  readonly attempts: number
  readonly interval: number
}

export const define: Define = (command, context) => {
  functionVerb(command)
    .argument('[name]', 'a function; without, only the gateway')
    .option('--attempts <number>', 'how often to ask', atLeastOne, 60)
    .option('--interval <duration>', 'how long between two times', milliseconds, 1000)
    .addHelpText('after', examples('skep ready', 'skep ready hello --attempts 10 --interval 500ms'))
    .action(async (name: string | undefined, options: ReadyOptions) => {
      const gateway = await openGateway(context, options)
      let why: SkepError | undefined
      for (let attempt = 1; attempt <= options.attempts; attempt++) {
        if (attempt > 1) await sleep(options.interval)
        const unready = await whyNotReady(gateway, name, options.namespace)
        if (unready === undefined) return context.out.print(`${name ?? 'gateway'}: ready`)
        if (hopeless.includes(unready.code)) throw unready
        if (attempt < options.attempts && unready.message !== why?.message)
          context.out.note(`${name ?? 'gateway'}: not ready yet: ${unready.message}`)
        why = unready
      }
      throw new SkepError('gateway_unavailable', `${name ?? 'The gateway'} is not ready: ${why?.message}`, {
        hint: why?.hint,
      })
    })
}

/** Waiting changes nothing about these. */
const hopeless: readonly ErrorCode[] = ['unauthorized', 'forbidden', 'too_many_attempts']

/** A function that sleeps is ready: its next call wakes it. */
async function whyNotReady(gateway: GatewayClient, name?: string, namespace?: string): Promise<SkepError | undefined> {
  try {
    const answer = await gateway.call('/healthz', { signal: AbortSignal.timeout(5000) })
    await bodyOf(answer)
    if (answer.statusCode !== 200) {
      const hint = 'See its log, or name another gateway with --gateway or OPENFAAS_URL.'
      return new SkepError('gateway_unavailable', `it answers ${answer.statusCode}.`, { hint })
    }
    if (name === undefined) return undefined
    const { replicas = 0, availableReplicas = 0 } = await gateway.describe(name, namespace)
    const isReady = replicas === 0 || availableReplicas > 0
    const hint = `Wait longer with --attempts, or see "skep logs ${name}".`
    return isReady ? undefined : new SkepError('start_timeout', 'no replica answers.', { hint })
  } catch (error) {
    return asSkepError(error)
  }
}
