import { connect } from 'node:net'
import type { Address } from '../core/ports.ts'

export interface Question {
  readonly address: Address
  /** As it is written on the wire. */
  readonly request: string
  readonly connectMs: number
  readonly answerMs: number
  readonly signal: AbortSignal
  /** Whether what has come of the answer is enough; then the rest is not waited for. */
  readonly isEnough: (text: string) => boolean
}

/** What was answered, as latin1; `trouble` says as a clause why there is no more of it, or nothing at all. */
export interface Reply {
  readonly text: string
  readonly trouble?: string
}

/** Asks on a connection of its own, which nothing else can disturb. Rejects only when `signal` aborts. */
export function ask(question: Question): Promise<Reply> {
  const { address, request, signal, isEnough } = question
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const socket = connect({ host: address.host, port: address.port, signal, noDelay: true })
  let text = ''
  const done = (trouble?: string): void => {
    resolve(trouble === undefined ? { text } : { text, trouble })
    socket.destroy()
  }
  socket.setTimeout(question.connectMs, () => done('it takes no connection, or does not answer'))
  socket.on('connect', () => {
    socket.setTimeout(question.answerMs)
    socket.write(request)
  })
  socket.on('data', (data) => {
    text += data.toString('latin1')
    if (isEnough(text)) return done()
    socket.setTimeout(question.connectMs) // it does not hang up, though it was asked to
  })
  socket.on('error', (error) => (signal.aborted ? reject(signal.reason) : done(error.message)))
  socket.on('close', () => done('it hangs up without an answer'))
  return promise
}
