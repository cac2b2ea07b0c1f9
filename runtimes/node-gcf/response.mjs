import { STATUS_CODES, ServerResponse } from 'node:http'
import { createReadStream } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import { cookie } from './cookie.mjs'
import { typeOf, withCharset } from './types.mjs'

/** The part of Express' response that functions use. */
export class Response extends ServerResponse {
  locals = {}

  status(code) {
    this.statusCode = code
    return this
  }

  set(name, value) {
    if (typeof name === 'object') for (const [each, one] of Object.entries(name)) this.set(each, one)
    else if (name.toLowerCase() === 'content-type') this.setHeader(name, withCharset(String(value)))
    else this.setHeader(name, Array.isArray(value) ? value.map(String) : String(value))
    return this
  }

  header(...given) {
    return this.set(...given)
  }

  get(name) {
    return this.getHeader(name)
  }

  append(name, value) {
    return this.set(name, [this.get(name) ?? [], value].flat())
  }

  vary(field) {
    return this.set('Vary', [this.get('Vary') ?? [], field].flat().join(', '))
  }

  type(type) {
    return this.set('Content-Type', typeOf(type))
  }

  contentType(type) {
    return this.type(type)
  }

  cookie(name, value, options) {
    return this.append('Set-Cookie', cookie(name, value, options))
  }

  clearCookie(name, options) {
    return this.cookie(name, '', { ...options, expires: new Date(1), maxAge: undefined })
  }

  attachment(filename) {
    if (filename === undefined) return this.set('Content-Disposition', 'attachment')
    return this.type(filename).set('Content-Disposition', `attachment; filename="${basename(filename)}"`)
  }

  location(url) {
    return this.set('Location', encodeURI(url).replace(/%25([0-9a-f]{2})/gi, '%$1'))
  }

  json(value) {
    if (!this.get('Content-Type')) this.type('json')
    return this.end(JSON.stringify(value))
  }

  send(value) {
    if (this.statusCode === 204 || this.statusCode === 304) return this.end()
    if (value === undefined || value === null) return this.end()
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) return this.json(value)
    if (!this.get('Content-Type')) this.type(typeof value === 'string' ? 'html' : 'bin')
    return this.end(value)
  }

  sendStatus(code) {
    return this.status(code)
      .type('txt')
      .send(STATUS_CODES[code] ?? String(code))
  }

  redirect(...given) {
    const [url, code = 302] = given.toReversed()
    this.status(code).location(url).type('txt')
    return this.send(`${STATUS_CODES[code]}. Redirecting to ${this.get('Location')}`)
  }

  sendFile(path, ...given) {
    const { root = '/' } = typeof given[0] === 'object' ? given[0] : {}
    const done = given.find((one) => typeof one === 'function') ?? ((error) => error && this.sendStatus(404))
    const file = createReadStream(resolve(root, path))
    file.once('error', done).once('open', () => {
      if (!this.get('Content-Type')) this.type(extname(path))
      file.pipe(this).once('finish', () => done())
    })
  }
}
