import { Readable } from 'node:stream'
import { SkepError, asSkepError } from '../core/errors.ts'
import type { CarrierLimits, Outcome } from '../core/carrier.ts'
import type { Invocation } from '../core/invocation.ts'
import { AnswerRelay } from './answer-relay.ts'
import type { Connection, Connections, ConnectionUser } from './connections.ts'
import { lost, unreachable } from './replica-errors.ts'
import { RequestBody } from './request-body.ts'
import type { BodyEvents } from './request-body.ts'
import { requestFraming, requestHead } from './request-head.ts'
import type { RequestFraming } from './request-head.ts'
import { SentBody } from './sent-body.ts'
import { TrialAnswer } from './trial-answer.ts'
import { atTurnsEnd } from './turn.ts'

/** Methods that may be sent twice (RFC 9110 §9.2.2). */
const idempotent: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** A watchdog that does not reach its function says so in less; only then more of a body is sent than can be sent again. */
const trialMs = 250

/** One try of an invocation: request and answer on one connection. */
export class Exchange implements ConnectionUser, BodyEvents {
  readonly #invocation: Invocation
  readonly #connections: Connections
  readonly #limits: CarrierLimits
  readonly #ended: (outcome: Outcome) => void
  readonly #framing: RequestFraming
  readonly #relay: AnswerRelay
  /** Sending it twice does no harm. */
  readonly #repeatable: boolean
  /** What is kept from the caller for as long as the function is perhaps not there yet. */
  readonly #trial: { readonly sent: SentBody; readonly answer: TrialAnswer } | undefined
  #connection: Connection | undefined
  #body: RequestBody | undefined
  /** Something of the request has been written. */
  #begun = false
  #begunAt = 0
  #repeated = false
  /** When the request's last byte was written. */
  #sentAt: number | undefined
  /** Something of the answer has been read. */
  #heard = false
  #over = false

  constructor(
    invocation: Invocation,
    connections: Connections,
    options: { limits: CarrierLimits; ended: (outcome: Outcome) => void },
  ) {
    this.#invocation = invocation
    this.#connections = connections
    this.#limits = options.limits
    this.#ended = options.ended
    this.#framing = requestFraming(invocation)
    this.#trial = trialOf(invocation, connections, options.limits)
    this.#relay = new AnswerRelay(invocation.method, this.#trial?.answer ?? invocation.answer)
    this.#repeatable = invocation.body === undefined && idempotent.has(invocation.method)
  }

  start(): void {
    this.#invocation.cancel = () => this.#finish({ kind: 'caller_left' })
    if (typeof this.#framing === 'object' && this.#framing.bytes > this.#limits.maxBodyBytes) this.onTooLarge()
    else this.#connect()
  }

  /**
   * A connection that the function has just closed shows it only when the event loop polls again. What must not be sent
   * twice waits for that; the rest is sent in this turn, and once more if need be.
   */
  #connect(): void {
    const kept = this.#repeated ? undefined : this.#connections.takeIdle(this, this.#repeatable)
    this.#connection = kept ?? this.#connections.open(this)
    if (!kept) return
    const send = (): void => {
      if (this.#connection === kept) this.onOpen()
    }
    atTurnsEnd(this.#repeatable ? send : () => atTurnsEnd(send))
  }

  onOpen(): void {
    const { body } = this.#invocation
    const socket = this.#connection?.socket
    if (!socket) return
    this.#begun = true
    if (this.#trial) this.#begunAt = performance.now()
    if (body) socket.cork() // so that the head and what has already come of the body leave in one packet
    socket.write(requestHead(this.#invocation, { host: this.#connections.host, framing: this.#framing }), 'latin1')
    if (body instanceof Readable) {
      const { maxBodyBytes: maxBytes } = this.#limits
      const options = { framing: this.#framing, maxBytes, events: this, sent: this.#trial?.sent }
      this.#body = new RequestBody(body, socket, options)
      return process.nextTick(() => socket.uncork())
    }
    if (body) {
      socket.write(body)
      socket.uncork()
    }
    this.onSent()
  }

  onSent(): void {
    this.#sentAt = performance.now()
  }

  onDrain(): void {
    this.#body?.drained()
  }

  onTooLarge(): void {
    this.#break(
      new SkepError('body_too_large', `The request body is larger than ${this.#limits.maxBodyBytes} bytes.`, {
        hint: 'Send less, or raise maxBody of the function.',
      }),
    )
  }

  onBroken(): void {
    this.#finish({ kind: 'caller_left' })
  }

  onBytes(bytes: Buffer): void {
    this.#heard = true
    try {
      const end = this.#relay.read(bytes)
      // Bytes after the answer are more than was asked for: such a connection is not used again.
      if (this.#relay.ended) return this.#answered(end === bytes.length)
      if (!this.#relay.flush()) this.#rest()
    } catch (error) {
      this.#break(asSkepError(error))
    }
  }

  onLost(error: Error | undefined): void {
    const used = this.#connection?.used === true
    this.#connection = undefined
    if (!this.#begun && used) return this.#connect()
    if (!this.#begun) return this.#finish({ kind: 'unsent', error: unreachable(this.#connections.host, error) })
    if (!this.#heard && used && this.#repeatable) {
      this.#repeated = true
      this.#begun = false
      return this.#connect()
    }
    if (!error && this.#relay.closed()) return this.#answered(false)
    this.#break(lost(error))
  }

  onTick(now: number): void {
    if (this.#trial?.sent.holds && now - this.#begunAt >= trialMs) {
      this.#trial.sent.release()
      this.#body?.drained()
    }
    const { timeoutMs } = this.#limits
    if (this.#sentAt === undefined || this.#relay.head || timeoutMs === 0 || now - this.#sentAt < timeoutMs) return
    this.#break(
      new SkepError('upstream_timeout', `The function did not answer within ${timeoutMs / 1000} s.`, {
        hint: 'Make it faster, raise its timeout, or call it asynchronously.',
      }),
    )
  }

  /** The caller reads slower than the function writes. */
  #rest(): void {
    const socket = this.#connection?.socket
    socket?.pause()
    this.#invocation.answer.drained(() => socket?.resume())
  }

  #answered(clean: boolean): void {
    const { head } = this.#relay
    if (clean && head?.persistent && this.#sentAt !== undefined && this.#connection) {
      this.#connections.keep(this.#connection, head.keepAliveSeconds)
      this.#connection = undefined
    }
    if (this.#trial?.answer.isEarly) {
      this.#body?.stop()
      this.#trial.sent.putBack(this.#invocation)
      return this.#finish({ kind: 'unready' })
    }
    this.#finish({ kind: 'done', status: head?.status ?? 0 })
  }

  #break(error: SkepError): void {
    const cut = this.#relay.head !== undefined
    this.#finish(cut ? { kind: 'cut' } : { kind: 'failed', error })
  }

  #finish(outcome: Outcome): void {
    if (this.#over) return
    this.#over = true
    this.#invocation.cancel = undefined
    this.#body?.stop()
    this.#connection?.drop()
    this.#connection = undefined
    if (outcome.kind === 'cut') this.#invocation.answer.cut()
    this.#ended(outcome)
  }
}

function trialOf(invocation: Invocation, { trial }: Connections, { startTimeoutMs: limitMs }: CarrierLimits) {
  if (trial === undefined || trial.passed) return undefined
  const sent = new SentBody()
  return { sent, answer: new TrialAnswer(invocation, sent, { trial, limitMs }) }
}
