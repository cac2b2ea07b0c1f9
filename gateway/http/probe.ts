import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { SkepError } from '../core/errors.ts'
import type { Address } from '../core/ports.ts'

/** A packet lost while the network is being set up is sent again after a second; a new connection is faster. */
const firstConnectMs = 100

/** Answers of a server that is there but asks for patience. */
const notYet: ReadonlySet<string> = new Set(['429', '502', '503', '504'])
const statusLineBytes = 'HTTP/1.1 200'.length
/** Our runtimes say so when waiting is of no use; the reason follows. */
const cannotLoad = 'cannot load: '
const longestText = 4096

/**
 * Asks `GET /_/ready` until the function is ready; one that knows no such path is ready when it answers at all.
 * Asks every few milliseconds at first and less often the longer it takes, so that waiting costs a twentieth at most.
 */
export async function probe(address: Address, options: { timeoutMs: number; signal: AbortSignal }): Promise<void> {
  const { timeoutMs, signal } = options
  const start = performance.now()
  for (;;) {
    signal.throwIfAborted()
    const elapsedMs = performance.now() - start
    const limits = { connectMs: firstConnectMs + elapsedMs / 4, answerMs: Math.max(timeoutMs - elapsedMs, 1) }
    const refusal = await ask(address, limits, signal)
    if (refusal === undefined) return
    if (refusal.startsWith(cannotLoad)) throw startFailed(refusal)
    if (performance.now() - start >= timeoutMs) throw startTimeout(timeoutMs, refusal)
    await sleep(5 + elapsedMs / 20, undefined, { signal }).catch(() => {}) // aborted: said at the top of the loop
  }
}

/** Resolves with undefined when the function is ready, else with the reason why it is not, as a clause. */
function ask(
  address: Address,
  limits: { connectMs: number; answerMs: number },
  signal: AbortSignal,
): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
  const socket = connect({ host: address.host, port: address.port, signal, noDelay: true })
  const done = (refusal: string | undefined): void => {
    resolve(refusal)
    socket.destroy()
  }
  let text = ''
  socket.setTimeout(limits.connectMs, () => done(refusalIn(text) ?? 'it takes no connection, or does not answer'))
  socket.on('connect', () => {
    socket.setTimeout(limits.answerMs)
    socket.write(`GET /_/ready HTTP/1.1\r\nHost: ${address.host}\r\nConnection: close\r\n\r\n`)
  })
  socket.on('data', (data) => {
    text += data.toString('latin1')
    if (text.length < statusLineBytes && 'HTTP/'.startsWith(text.slice(0, 5))) return
    if (!notYet.has(text.slice(9, 12))) return done(undefined)
    if (text.length > longestText) return done(refusalIn(text))
    socket.setTimeout(limits.connectMs) // it does not hang up, though it was asked to
  })
  socket.on('error', (error) => (signal.aborted ? reject(signal.reason) : done(error.message)))
  socket.on('close', () => done(refusalIn(text) ?? 'it hangs up without an answer'))
  return promise
}

function refusalIn(answer: string): string | undefined {
  const [, said = ''] = answer.split('\r\n\r\n', 2)
  if (said.startsWith(cannotLoad)) return Buffer.from(said, 'latin1').toString()
  return answer.length < statusLineBytes ? undefined : `it answers ${answer.slice(9, 12)}`
}

const startFailed = (detail: string): SkepError =>
  new SkepError('start_failed', 'The handler of the function cannot be loaded.', {
    hint: 'Correct it and deploy the function again; its log says more.',
    detail,
  })

const startTimeout = (timeoutMs: number, refusal: string): SkepError =>
  new SkepError('start_timeout', `The function was not ready after ${timeoutMs / 1000} s: ${refusal}.`, {
    hint: 'See why in its log, or raise scale.start-timeout.',
    retryAfterSeconds: 1,
  })
