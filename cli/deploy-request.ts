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
  const signal = options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs)
  const send = (method: string) =>
    gateway.ask('/system/functions', {
      method,
      json: { ...deploymentOf(spec), ...options.how },
      headers: { Accept: 'application/x-ndjson, application/json' },
      signal,
    })
  try {
    const answer = await (options.method === 'create'
      ? send('POST')
      : send('PUT').catch((error) => createInstead(error, send)))
    return await followProgress(answer, { progress: options.progress, failed: 'start_failed' })
  } catch (error) {
    throw signal?.aborted ? notInTime(spec.name, error) : error
  }
}

const notInTime = (name: string, cause: unknown) =>
  new SkepError('start_timeout', `${name} was not deployed within --timeout.`, {
    cause,
    hint: `Allow more time. What the gateway has begun it may end all the same: see "skep revisions ${name}".`,
  })

/** As faas-cli: an update first, and only a 404 means that there is nothing to update. */
async function createInstead(error: unknown, send: (method: string) => Promise<IncomingMessage>) {
  if (error instanceof SkepError && error.status === 404) return send('POST')
  throw error
}
