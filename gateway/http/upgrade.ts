import { ServerResponse } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { SkepError, asSkepError, messageOf } from '../core/errors.ts'
import type { Address } from '../core/ports.ts'
import type { AnswerHead } from './answer-head.ts'
import { AnswerRelay } from './answer-relay.ts'
import { callerHeaders } from './caller-headers.ts'
import type { Stamp } from './caller-headers.ts'
import { stampOf, wishOf } from './hot-path.ts'
import type { HotPathOptions } from './hot-path.ts'
import { HttpAnswer } from './http-answer.ts'
import { requestProblem } from './request-check.ts'
import { hostOf, requestHead } from './request-head.ts'
import type { RequestLines } from './request-head.ts'
import { isFunctionTarget, splitFunctionTarget } from './target.ts'

const connectTimeoutMs = 1000
const switchTimeoutMs = 60_000

/**
 * Which requests may become another protocol. The rest is answered as if it had not asked, as RFC 9110 §7.8 allows:
 * `h2c` above all, which some clients offer with every request and which would pass the gateway's checks by.
 */
export const mayUpgrade = (req: IncomingMessage): boolean =>
  req.method === 'GET' && isFunctionTarget(req.url ?? '') && !/^h2c?\b/i.test(req.headers.upgrade ?? '')

/** Joins the caller's connection with one to a replica, which is leased until both have ended. */
export async function carryUpgrade(req: IncomingMessage, caller: Socket, options: HotPathOptions): Promise<void> {
  const stamp = stampOf(req)
  const answer = answerOn(req, caller, { stamp, maySeeDetail: options.maySeeDetail })
  const left = new AbortController()
  caller.on('close', () => left.abort())
  try {
    const problem = requestProblem(req)
    if (problem) throw problem
    const { name, rest } = splitFunctionTarget(req.url ?? '')
    const headers = callerHeaders(req, stamp, options.trustProxy)
    const lease = await options.invoker.lease(name, left.signal, wishOf(req, headers))
    const replica = ask(lease.address, { method: 'GET', target: rest, headers }, req.headers.upgrade)
    releaseAfter(caller, replica, () => lease.release())
    awaitSwitch(replica, answer, (switched, early) => splice(caller, replica, { switched, early, stamp }))
  } catch (error) {
    if (!left.signal.aborted) answer.fail(asSkepError(error))
  }
}

/** A connection of its own to the replica, with the request for another protocol on it. */
function ask(address: Address, request: RequestLines, upgrade: string | undefined): Socket {
  const { host, port } = address
  const replica = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 })
  replica.setTimeout(connectTimeoutMs, () => replica.destroy(new Error('it does not answer')))
  replica.on('connect', () => {
    replica.setTimeout(switchTimeoutMs)
    replica.write(requestHead(request, { host: hostOf(address), framing: 'none', upgrade }), 'latin1')
  })
  return replica
}

/** Node has given this connection up: it carries one answer, or another protocol. */
function answerOn(
  req: IncomingMessage,
  caller: Socket,
  options: { stamp: Stamp; maySeeDetail: (req: IncomingMessage) => boolean },
): HttpAnswer {
  const res = new ServerResponse(req)
  res.shouldKeepAlive = false
  res.assignSocket(caller)
  res.on('finish', () => caller.destroySoon())
  caller.on('drain', () => res.emit('drain'))
  return new HttpAnswer(req, res, options)
}

function releaseAfter(caller: Socket, replica: Socket, release: () => void): void {
  let open = caller.closed ? 1 : 2
  const closed = (): void => {
    if (--open === 0) release()
  }
  caller.on('close', () => {
    replica.destroy()
    closed()
  })
  replica.on('close', closed)
  if (caller.closed) replica.destroy()
}

/** Passes any answer on as usual but a 101: then `switched` gets its head and what came after it. */
function awaitSwitch(replica: Socket, answer: HttpAnswer, switched: (head: AnswerHead, early: Buffer) => void): void {
  let cause: unknown
  let head101: AnswerHead | undefined
  const relay = new AnswerRelay('GET', answer, (head) => (head101 = head))
  const onData = (bytes: Buffer): void => {
    try {
      const end = relay.read(bytes)
      if (head101) {
        replica.off('data', onData).off('close', onClose).setTimeout(0)
        switched(head101, bytes.subarray(end))
      } else if (relay.ended) {
        replica.destroy()
      } else if (!relay.flush()) {
        replica.pause()
        answer.drained(() => replica.resume())
      }
    } catch (error) {
      replica.destroy(asSkepError(error))
    }
  }
  const onClose = (): void => {
    if (relay.ended || (!cause && relay.closed())) return
    if (relay.head) answer.cut()
    else answer.fail(cause instanceof SkepError ? cause : notSwitched(cause))
  }
  replica
    .on('error', (error) => (cause = error))
    .on('data', onData)
    .on('close', onClose)
}

function splice(
  caller: Socket,
  replica: Socket,
  { switched, early, stamp }: { switched: AnswerHead; early: Buffer; stamp: Stamp },
): void {
  const { headers, statusText, upgrade } = switched
  const lines = headers.map((part, i) => (i % 2 === 0 ? `${part}: ` : `${part}\r\n`)).join('')
  caller.write(
    `HTTP/1.1 101 ${statusText}\r\n${lines}Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n` +
      `X-Call-Id: ${stamp.callId}\r\nX-Start-Time: ${stamp.startTime}\r\n\r\n`,
    'latin1',
  )
  caller.write(early)
  replica.on('close', () => caller.destroySoon())
  caller.pipe(replica)
  replica.pipe(caller)
}

const notSwitched = (cause: unknown): SkepError =>
  new SkepError(
    'upstream_failed',
    `The function did not answer the upgrade: ${cause ? messageOf(cause) : 'it hung up'}.`,
    {
      cause,
      hint: 'Look at the function’s log.',
    },
  )
