import { Transform } from 'node:stream'
import { hasType } from './answer.mjs'

/** As Lambda's own runtime marks such handlers, which wrappers rely upon. */
const mark = Symbol.for('aws.lambda.runtime.handler.streaming')

/** The global of Lambda's runtime for handlers of (event, responseStream, context). */
export const awslambda = {
  streamifyResponse: (handler) => Object.assign(handler, { [mark]: 'response' }),
  HttpResponseStream: {
    from: (stream, head) => Object.assign(stream, { head: { ...stream.head, ...head } }),
  },
}

export const isStreaming = (handler) => handler[mark] === 'response'

/** Resolves with an answer whose body is still being written, when the first of it is. */
export function invokeStreaming(handler, event, contextOf) {
  return new Promise((resolve, reject) => {
    const stream = new ResponseStream(resolve)
    const fail = (error) => {
      reject(error)
      stream.destroy(error)
    }
    stream.on('error', () => {}) // whoever sends it on says why it broke
    const run = async () => handler(event, stream, contextOf(fail))
    run().catch(fail)
  })
}

class ResponseStream extends Transform {
  head = {}
  #begun

  constructor(begun) {
    super({ writableObjectMode: true })
    this.#begun = begun
  }

  setContentType(type) {
    this.head.headers = { ...this.head.headers, 'Content-Type': type }
  }

  _transform(chunk, encoding, done) {
    this.#begin()
    if (chunk instanceof Uint8Array) return done(null, chunk)
    done(null, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : JSON.stringify(chunk))
  }

  _flush(done) {
    this.#begin()
    done()
  }

  /** What the head says is settled with the first byte. */
  #begin() {
    const { statusCode = 200, headers, cookies } = this.head
    const type = hasType(headers) ? {} : { 'Content-Type': 'application/octet-stream' }
    this.#begun({ statusCode, headers: { ...type, ...headers }, cookies, body: this })
  }
}
