import type { IncomingMessage } from 'node:http'
import { SkepError } from '../gateway/core/errors.ts'
import type { FunctionSpec } from '../gateway/core/spec.ts'
import { deploymentOf } from './deployment.ts'
import { errorFrom, type ErrorBody } from './gateway-error.ts'
import type { GatewayClient } from './gateway-client.ts'
import { bodyOf } from './http-request.ts'
import { linesOf } from './ndjson.ts'

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
  return followed(answer, options.progress)
}

/** As faas-cli: an update first, and only a 404 means that there is nothing to update. */
async function createInstead(error: unknown, send: (method: string) => Promise<IncomingMessage>) {
  if (error instanceof SkepError && error.status === 404) return send('POST')
  throw error
}

/** What a gateway says at the end; one that is not Skep's says nothing. */
export interface Done {
  readonly revision?: number
  /** It served already. */
  readonly unchanged?: boolean
}

interface ProgressLine {
  readonly message?: string
  readonly error?: ErrorBody
  readonly done?: Done
}

/** A gateway may tell its progress line by line; the last line then says how it ended. */
async function followed(answer: IncomingMessage, progress: DeployOptions['progress']): Promise<Done> {
  if (!answer.headers['content-type']?.startsWith('application/x-ndjson')) {
    await bodyOf(answer)
    return {}
  }
  for await (const line of linesOf(answer)) {
    const { message, error, done } = JSON.parse(line) as ProgressLine
    if (error) throw deployFailed(error)
    if (done) return done
    if (message !== undefined) progress(message)
  }
  throw new SkepError('upstream_failed', 'The gateway stopped talking before the deploy was done.', {
    hint: 'See "skep describe NAME" for what is there now, and deploy again.',
  })
}

/** The gateway had understood it and began: that the place cannot run such a thing is no wrong input. */
function deployFailed(error: ErrorBody): SkepError {
  return errorFrom(error.code === 'invalid_request' ? { ...error, code: 'start_failed' } : error)
}
