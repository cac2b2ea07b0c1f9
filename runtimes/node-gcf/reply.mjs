import { STATUS_CODES } from 'node:http'
import { PassThrough } from 'node:stream'

const types = {
  html: 'text/html',
  json: 'application/json',
  text: 'text/plain',
  txt: 'text/plain',
  xml: 'application/xml',
}

/** The part of Express' response that functions use. It is handed over whole when it ends, or as a stream when it is written. */
export class Reply extends PassThrough {
  statusCode = 200
  headersSent = false
  locals = {}
  #headers = new Map()
  #settle

  constructor(settle) {
    super()
    this.#settle = settle
  }

  status(code) {
    this.statusCode = code
    return this
  }

  set(name, value) {
    if (typeof name === 'object') for (const [each, one] of Object.entries(name)) this.set(each, one)
    else this.#headers.set(name.toLowerCase(), value)
    return this
  }

  get = (name) => this.#headers.get(name.toLowerCase())
  getHeader = this.get
  header = (name, value) => this.set(name, value)
  setHeader = (name, value) => this.set(name, value)
  removeHeader = (name) => void this.#headers.delete(name.toLowerCase())

  append(name, value) {
    return this.set(name, [this.get(name) ?? [], value].flat())
  }

  type = (type) => this.set('Content-Type', types[type] ?? type)
  contentType = this.type

  writeHead(code, ...rest) {
    return this.status(code).set(rest.at(-1) ?? {})
  }

  json(value) {
    if (!this.get('content-type')) this.set('Content-Type', 'application/json; charset=utf-8')
    return this.end(JSON.stringify(value))
  }

  send(value) {
    if (value === undefined) return this.end()
    if (typeof value === 'string') {
      if (!this.get('content-type')) this.set('Content-Type', 'text/html; charset=utf-8')
      return this.end(value)
    }
    return value instanceof Uint8Array ? this.end(value) : this.json(value)
  }

  sendStatus(code) {
    return this.status(code)
      .type('txt')
      .send(STATUS_CODES[code] ?? String(code))
  }

  redirect(...given) {
    const [url, code = 302] = given.toReversed()
    return this.status(code).set('Location', url).send(`${STATUS_CODES[code]}. Redirecting to ${url}`)
  }

  write(...given) {
    this.#handOver(this)
    return super.write(...given)
  }

  end(value, ...rest) {
    if (!this.headersSent) this.#handOver(typeof value === 'string' ? Buffer.from(value) : (value ?? ''))
    else if (value !== undefined && typeof value !== 'function') super.write(value)
    return super.end(...rest)
  }

  #handOver(body) {
    if (this.headersSent) return
    this.headersSent = true
    if (body === '') this.#settle({ statusCode: this.statusCode, headers: Object.fromEntries(this.#headers) })
    else this.#settle({ statusCode: this.statusCode, headers: Object.fromEntries(this.#headers), body })
    if (body !== this) this.resume() // so that it finishes
  }
}
