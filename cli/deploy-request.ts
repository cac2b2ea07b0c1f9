import type { IncomingMessage } from 'node:http'
import { SkepError } from '../gateway/core/errors.ts'
import type { FunctionSpec } from '../gateway/core/spec.ts'
import { deploymentOf } from './deployment.ts'
import { followProgress, type Done } from './follow-progress.ts'
import type { GatewayClient } from './gateway-client.ts'

export interface DeployOptions {
  /** `update` makes the function when there is none yet. */
  readonly method: 'update' | 'create'
  readonly timeoutMs?: number
  /** Sent beside the spec: why, and whether as a canary. */
  readonly how?: object
  readonly progress: (message: string) => void
}

/** Deploys and waits until the gateway says that the new revision serves; resolves with what it says about it. */
export async function requestDeploy(gateway: GatewayClient, spec: FunctionSpec, options: DeployOptions): Promise<Done> {
  const send = (method: string) =>
    gateway.ask('/system/functions', {
      method,
      json: { ...deploymentOf(spec), ...options.how },
      headers: { Accept: 'application/x-ndjson, application/json' },
      ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    })
  const answer = await (options.method === 'create'
    ? send('POST')
    : send('PUT').catch((error) => createInstead(error, send)))
  return followProgress(answer, { progress: options.progress, failed: 'start_failed' })
}

/** As faas-cli: an update first, and only a 404 means that there is nothing to update. */
async function createInstead(error: unknown, send: (method: string) => Promise<IncomingMessage>) {
  if (error instanceof SkepError && error.status === 404) return send('POST')
  throw error
}
