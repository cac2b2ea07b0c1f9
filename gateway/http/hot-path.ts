import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AnswerSink, Invocation } from '../core/invocation.ts'
import type { Address } from '../core/ports.ts'
import { hasBody } from './caller-body.ts'
import { callerHeaders } from './caller-headers.ts'
import type { Stamp } from './caller-headers.ts'
import { HttpAnswer } from './http-answer.ts'
import { splitFunctionTarget } from './target.ts'

/** What a caller says about the revision that is to answer. */
export type CallerWish = Pick<Invocation, 'revision' | 'pinned' | 'headers'>

/** What the edge needs of Skep. */
export interface Invoker {
  /** Answers through `invocation.answer`, whatever happens. */
  invoke(invocation: Invocation): void
  /** The right to one connection of one's own to a replica; rejects with a SkepError. */
  lease(functionName: string, signal: AbortSignal, caller: CallerWish): Promise<{ address: Address; release(): void }>
}

export interface HotPathOptions {
  readonly invoker: Invoker
  /** There is a proxy in front that sets X-Forwarded-*; default false: callers may write there what they like. */
  readonly trustProxy: boolean
  /** Whether this caller may see the detail of an error, such as a function's last log lines. */
  readonly maySeeDetail: (req: IncomingMessage) => boolean
}

/** `/function/NAME…`, before any routing: this is where throughput is won or lost, see the bench. */
export function hotPath(options: HotPathOptions): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    const invocation = new HttpInvocation(req, res, options)
    res.on('close', () => invocation.cancel?.())
    options.invoker.invoke(invocation)
  }
}

/** A class, so that all of them have one shape; `cancel` comes and goes on every request. */
class HttpInvocation implements Invocation {
  readonly id: string
  readonly function: string
  readonly revision: string | undefined
  readonly pinned: string | undefined
  readonly method: string
  readonly target: string
  readonly headers: readonly string[]
  readonly body: IncomingMessage | undefined
  readonly answer: AnswerSink
  cancel: (() => void) | undefined = undefined

  constructor(req: IncomingMessage, res: ServerResponse, options: HotPathOptions) {
    const { name, rest } = splitFunctionTarget(req.url ?? '')
    const stamp = stampOf(req)
    this.id = stamp.callId
    this.function = name
    this.revision = headerOf(req, 'x-skep-revision')
    this.pinned = pinnedBy(req)
    this.method = req.method ?? 'GET'
    this.target = rest
    this.headers = callerHeaders(req, stamp, options.trustProxy)
    this.body = hasBody(req) ? req : undefined
    this.answer = new HttpAnswer(req, res, { stamp, maySeeDetail: options.maySeeDetail })
  }
}

export function stampOf(req: IncomingMessage): Stamp {
  const given = headerOf(req, 'x-call-id')
  const callId = given !== undefined && /^[!-~]{1,128}$/.test(given) ? given : crypto.randomUUID()
  return { callId, startTime: `${Date.now()}000000` }
}

/** A header of which there must be one: of several, Node gives the values with commas between them. */
const headerOf = ({ headers }: IncomingMessage, name: string): string | undefined => headers[name] as string | undefined

const pinnedBy = ({ headers: { cookie } }: IncomingMessage): string | undefined =>
  cookie === undefined ? undefined : /(?:^|;\s*)skep-revision=(\d+)/.exec(cookie)?.[1]

export const wishOf = (req: IncomingMessage, headers: readonly string[]): CallerWish => ({
  revision: headerOf(req, 'x-skep-revision'),
  pinned: pinnedBy(req),
  headers,
})
