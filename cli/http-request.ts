import { request as plain, type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { request as secure } from 'node:https'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { Readable } from 'node:stream'
import { SkepError } from '../gateway/core/errors.ts'

export interface RequestOptions {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Readable
  readonly tlsNoVerify?: boolean
  /** Ends the exchange, whether the answer has begun or not. */
  readonly signal?: AbortSignal | undefined
}

/** One request; resolves with the head of the answer, whose body still streams. `fetch` costs 40 ms more at the start. */
export async function request(url: string, options: RequestOptions = {}): Promise<IncomingMessage> {
  const target = parsedUrl(url)
  const send = target.protocol === 'https:' ? secure : plain
  const { method = 'GET', headers = {}, body, tlsNoVerify = false, signal } = options
  const outgoing = send(target, {
    method,
    // Node sends no length with DELETE unless it is told, and the body is then no part of the request.
    headers: { 'User-Agent': 'skep', ...lengthOf(body), ...headers },
    rejectUnauthorized: !tlsNoVerify,
    ...(signal && { signal }),
  })
  limitConnecting(outgoing)
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).on('error', (cause) => reject(unreachable(target, cause)))
  })
  if (body === undefined || typeof body === 'string') outgoing.end(body)
  // A function may answer before it has read everything: then the answer counts, not the broken upload.
  else void pipeline(body, outgoing).catch(() => {})
  return answer
}

const lengthOf = (body: string | Readable | undefined): OutgoingHttpHeaders =>
  typeof body === 'string' ? { 'Content-Length': Buffer.byteLength(body) } : {}

export const bodyOf = (answer: IncomingMessage): Promise<string> => text(answer)

export function parsedUrl(url: string): URL {
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return new URL(url)
  throw new SkepError('invalid_request', `"${url}" is not a URL.`, { hint: 'Give one such as http://127.0.0.1:8080.' })
}

/** A machine that is switched off does not refuse: the kernel would try for two minutes. */
function limitConnecting(outgoing: ClientRequest): void {
  const timer = setTimeout(() => outgoing.destroy(new Error('no connection within 10 s')), 10_000)
  outgoing.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', () => clearTimeout(timer))
    else clearTimeout(timer) // a kept connection, which connects no more
  })
  outgoing.once('close', () => clearTimeout(timer))
}

function unreachable(target: URL, cause: NodeJS.ErrnoException): SkepError {
  if (/CERT|SELF_SIGNED/.test(cause.code ?? '')) {
    return new SkepError(
      'gateway_unavailable',
      `The certificate of ${target.origin} is not accepted (${cause.code}).`,
      {
        cause,
        hint: 'If you trust this network, give --tls-no-verify.',
      },
    )
  }
  const why = cause.name === 'AbortError' ? 'no answer in time' : (cause.code ?? cause.message)
  return new SkepError('gateway_unavailable', `Nothing answers at ${target.origin} (${why}).`, {
    cause,
    hint: 'Start the gateway there, or name another with --gateway or OPENFAAS_URL.',
  })
}
