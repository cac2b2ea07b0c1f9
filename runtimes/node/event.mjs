import { parse as parseForm } from 'node:querystring'

/** The request as a handler sees it. What a handler may print or send on are its own properties. */
export class Event {
  #raw

  constructor(request, raw) {
    const { url } = request
    const mark = url.indexOf('?')
    this.#raw = raw
    this.method = request.method
    this.path = mark === -1 ? url : url.slice(0, mark)
    this.query = mark === -1 ? {} : parseForm(url.slice(mark + 1))
    this.headers = request.headers
    this.body = raw.length === 0 ? '' : parseBody(raw, this.headers['content-type'])
  }

  /** The body's bytes as they came. */
  get rawBody() {
    return this.#raw
  }

  text() {
    return this.#raw.toString('utf8')
  }

  /** The first argument of the old callback style was the body's text: `JSON.parse(context)` goes on working. */
  toString() {
    return this.text()
  }
}

/** The caller's mistake, not the handler's. */
export class BadBody extends Error {}

function parseBody(raw, contentType = '') {
  const type = contentType.split(';', 1)[0].trim().toLowerCase()
  if (/[/+]json$/.test(type)) return parseJson(raw)
  if (type === 'application/x-www-form-urlencoded') return parseForm(raw.toString('utf8'))
  if (/^text\/|[/+]xml$/.test(type)) return raw.toString('utf8')
  return raw
}

function parseJson(raw) {
  try {
    return JSON.parse(raw.toString('utf8'))
  } catch (error) {
    throw new BadBody(`The body is not JSON: ${error.message}`)
  }
}
