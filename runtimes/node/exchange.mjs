import { performance } from 'node:perf_hooks'
import { writeAnswer, writeError } from './answer.mjs'
import { readBody } from './body.mjs'
import { call } from './call.mjs'
import { BadBody } from './event.mjs'

/** One request, from its head to the last byte of its answer and the end of the handler's work for it. */
export class Exchange {
  /** A handler that writes its answer itself resolves with this. */
  response
  #request
  #started = performance.now()
  #working = false
  #closed = false
  #ended
  /** Set when the connection must not be used again. */
  #isLast

  constructor(request, response, { ended, isLast }) {
    this.#request = request
    this.response = response
    this.#ended = ended
    this.#isLast = isLast
    response.on('close', () => {
      this.#closed = true
      if (!this.#working) ended()
    })
  }

  run(handler, { maxBodyBytes, eventOf }) {
    readBody(this.#request, maxBodyBytes, (raw) => {
      if (raw) this.#call(handler, raw, eventOf)
      else this.refuse(413, `The body is larger than ${maxBodyBytes} bytes.`, 'Connection', 'close')
    })
  }

  refuse(status, error, ...fields) {
    writeError(this.response, status, error, [...this.fields(), ...fields])
  }

  #call(handler, raw, eventOf) {
    let event
    try {
      event = eventOf(this.#request, raw, this)
    } catch (error) {
      return this.refuse(error instanceof BadBody ? 400 : 500, error)
    }
    this.#working = true
    call(handler, event, this.#request.headers['x-call-id'], (answer) => {
      this.#working = false
      this.#answer(answer)
      if (this.#closed) this.#ended()
    })
  }

  #answer(answer) {
    if (answer.value === this.response) return
    if (answer.error !== undefined) return this.refuse(answer.status >= 400 ? answer.status : 500, answer.error)
    try {
      writeAnswer(this.response, answer, this.fields())
    } catch (error) {
      console.error(error)
      this.refuse(500, error)
    }
  }

  /** The runtime's own headers: name, value, … */
  fields() {
    const seconds = (performance.now() - this.#started) / 1000
    const fields = ['X-Duration-Seconds', seconds.toFixed(6)]
    if (this.#isLast()) fields.push('Connection', 'close')
    return fields
  }
}
