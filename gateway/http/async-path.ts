import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { asSkepError, SkepError } from '../core/errors.ts'
import type { PushOptions, Queue, QueuedCall } from '../core/queue.ts'
import type { Skep } from '../core/skep.ts'
import { callerHeaders } from './caller-headers.ts'
import { respondFailure } from './failures.ts'
import { stampOf } from './hot-path.ts'
import { pushOptionsOf } from './push-options.ts'
import { readBody } from './read-body.ts'
import { splitAsyncTarget } from './target.ts'

export interface AsyncPathOptions {
  readonly skep: Pick<Skep, 'get'>
  readonly queue: Pick<Queue, 'push'>
  /** Throws unless answers may be posted to this address. */
  readonly checkCallback: (url: string) => void
  /** Largest body of a call that waits: it waits in memory, or on a small disk. */
  readonly maxBodyBytes: number
  readonly trustProxy: boolean
}

/** `/async-function/NAME…`: 202 when the call is durable. Beside the hot path and like it, so that a burst is taken as fast. */
export function asyncPath(options: AsyncPathOptions): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    accept(req, options).then(
      (id) => res.writeHead(202, ['X-Call-Id', id, 'X-Start-Time', `${Date.now()}000000`, 'Content-Length', '0']).end(),
      (error: unknown) => respondFailure(req, res, asSkepError(error), { withDetail: false }),
    )
  }
}

/** Resolves with the call's id once it is durable. */
async function accept(req: IncomingMessage, options: AsyncPathOptions): Promise<string> {
  if (req.method !== 'POST')
    throw new SkepError('method_not_allowed', 'An asynchronous call is a POST.', {
      hint: 'Send it as a POST, or call /function/NAME.',
    })
  const { name, rest } = splitAsyncTarget(req.url ?? '')
  const found = options.skep.get(name)
  const pushOptions = pushOptionsOf(req)
  const callbackUrl = req.headers['x-callback-url']
  if (callbackUrl !== undefined) options.checkCallback(String(callbackUrl))
  const body = await readBody(req, Math.min(found.pool.policy.maxBodyBytes, options.maxBodyBytes))
  const stamp = stampOf(req)
  const id = req.headers['x-call-id'] === stamp.callId ? stamp.callId : orderedId()
  const headers = withoutOurs(callerHeaders(req, stamp, options.trustProxy))
  return push(options.queue, { id, function: found.key, target: rest, headers, body }, pushOptions)
}

/** A caller who passes on the id that it was called with gets a new one for its second call. */
async function push(queue: AsyncPathOptions['queue'], call: QueuedCall, options: PushOptions): Promise<string> {
  try {
    return await queue.push(call, options)
  } catch (error) {
    if (!(error instanceof SkepError) || error.code !== 'conflict') throw error
    return queue.push({ ...call, id: orderedId() }, options)
  }
}

/** A UUID (version 7) that begins with the time: new ones come together in an index, where random ones touch all of it. */
function orderedId(): string {
  const time = Date.now().toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}

/** Written anew at every run, or meant for the gateway that took the call. */
const ours: ReadonlySet<string> = new Set(['x-call-id', 'x-attempt', 'expect', 'content-length'])

function withoutOurs(headers: readonly string[]): string[] {
  return headers.filter((_, at) => !ours.has((headers[at - (at % 2)] ?? '').toLowerCase()))
}
