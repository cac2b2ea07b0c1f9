import { SkepError } from '../gateway/core/errors.ts'
import { functionKey } from '../gateway/core/names.ts'
import type { FunctionSpec } from '../gateway/core/spec.ts'
import { canaryOf, type CanaryFlags } from './canary-options.ts'
import type { Context } from './context.ts'
import { requestDeploy } from './deploy-request.ts'
import type { Done } from './follow-progress.ts'
import type { GatewayClient } from './gateway-client.ts'
import { unlessMissing } from './gateway-error.ts'
import { progressOn } from './progress.ts'

export interface DeployFlags extends CanaryFlags {
  readonly force?: boolean
  readonly replace?: boolean
  readonly update: boolean
  /** Why. */
  readonly message?: string
  /** Milliseconds. */
  readonly timeout?: number
}

/** Deploys one function after the other and says where each is called. */
export async function deployFunctions(
  context: Context,
  gateway: GatewayClient,
  specs: readonly FunctionSpec[],
  flags: DeployFlags,
): Promise<void> {
  const how = { message: flags.message, canary: canaryOf(flags), force: flags.force }
  for (const spec of specs) {
    const key = functionKey(spec)
    const progress = progressOn(context.out)
    try {
      progress.doing(key, 'deploying')
      if (flags.replace) await unlessMissing(gateway.remove(spec.name, spec.namespace))
      else if (!flags.update) await refuseIfThere(gateway, spec)
      const done = await requestDeploy(gateway, spec, {
        method: flags.replace || !flags.update ? 'create' : 'update',
        progress: (message) => progress.doing(key, message),
        how,
        ...(flags.timeout !== undefined && { timeoutMs: flags.timeout }),
      })
      progress.done(key, sentenceOf(spec.name, done, flags.canary?.[0]))
    } finally {
      progress.close()
    }
    context.out.print(`URL: ${gateway.url}/function/${key}`)
  }
}

function sentenceOf(name: string, { revision, unchanged }: Done, firstStep: number | undefined): string {
  if (unchanged) return `unchanged: revision ${revision} goes on (--force deploys it all the same)`
  if (revision === undefined) return 'deployed'
  const deployed = `deployed as revision ${revision}`
  if (firstStep === undefined || revision === 1) return deployed // there is nothing to compare the first one with
  return `${deployed}, with ${firstStep} % of the traffic for now; "skep revisions ${name}" says how it goes on`
}

async function refuseIfThere(gateway: GatewayClient, { name, namespace }: FunctionSpec): Promise<void> {
  if ((await unlessMissing(gateway.describe(name, namespace))) === undefined) return
  throw new SkepError('conflict', `${name} is there already, so --no-update changes nothing.`, {
    hint: 'Leave --no-update out to give it a new revision.',
  })
}
