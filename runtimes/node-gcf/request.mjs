import { IncomingMessage } from 'node:http'
import { bodyOf } from './body.mjs'
import { fieldsOf } from './fields.mjs'
import { typeOf } from './types.mjs'

/** The part of Express' request that functions use. */
export class Request extends IncomingMessage {
  baseUrl = ''

  /** Own properties, because an Express application gives its requests another prototype. */
  take(raw, exchange) {
    this.exchange = exchange
    this.res = exchange.response
    this.originalUrl = this.url
    this.params = { 0: this.path.slice(1) }
    this.query = fieldsOf(this.url.slice(this.path.length + 1))
    this.rawBody = raw
    this.body = bodyOf(this.headers, raw)
    this._body = true // for Express' own parsers: it has been read
    return this
  }

  get path() {
    return this.url.split('?', 1)[0]
  }

  get(name) {
    const key = name.toLowerCase()
    return this.headers[key === 'referrer' ? 'referer' : key]
  }

  header(name) {
    return this.get(name)
  }

  /** The first of these that is the type of the body, or false. */
  is(...types) {
    const given = this.get('content-type')?.split(';', 1)[0].trim().toLowerCase()
    const found = given !== undefined && types.flat().find((type) => matches(typeOf(type), given))
    return found ? (found.includes('*') ? given : found) : false
  }

  /** The one of these that the caller likes best, or false; without any, all that he takes. */
  accepts(...types) {
    const wished = preferences(this.get('accept') ?? '*/*')
    if (types.length === 0) return wished
    for (const wish of wished) {
      const found = types.flat().find((type) => matches(wish, typeOf(type)))
      if (found) return found
    }
    return false
  }

  get ips() {
    return this.get('x-forwarded-for')?.split(/ *, */) ?? []
  }

  get ip() {
    return this.ips[0] ?? this.socket.remoteAddress
  }

  get host() {
    return (this.get('x-forwarded-host') ?? this.get('host'))?.split(/ *, */, 1)[0]
  }

  get hostname() {
    return this.host?.replace(/:\d+$/, '')
  }

  get protocol() {
    return this.get('x-forwarded-proto')?.split(/ *, */, 1)[0] ?? 'http'
  }

  get secure() {
    return this.protocol === 'https'
  }

  get xhr() {
    return this.get('x-requested-with')?.toLowerCase() === 'xmlhttprequest'
  }
}

/** `text/*` and the like. */
const matches = (pattern, type) =>
  pattern === '*/*' || pattern === type || (pattern.endsWith('/*') && type.startsWith(pattern.slice(0, -1)))

function preferences(accept) {
  const wishes = accept.split(',').map((one) => {
    const [type, ...options] = one.split(';').map((part) => part.trim())
    const quality = options.find((option) => option.startsWith('q='))
    return { type, quality: quality ? Number(quality.slice(2)) : 1 }
  })
  return wishes
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ type }) => type)
}
