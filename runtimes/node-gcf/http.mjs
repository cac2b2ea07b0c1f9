import { Reply } from './reply.mjs'

const ignored = new Set(['/favicon.ico', '/robots.txt'])

/** Calls a function of (request, response), both as Express has them. */
export function callWithRequest(call, { request, body, path, query, rawBody }) {
  if (ignored.has(path)) return { statusCode: 404, body: '' }
  const get = (name) => request.headers[name.toLowerCase()]
  const parsed = rawBody.length === 0 ? {} : body
  Object.assign(request, { body: parsed, rawBody, path, query, params: { 0: path.slice(1) }, get, header: get })
  request.originalUrl = request.url
  request.ip = get('x-forwarded-for')?.split(',')[0] ?? request.socket.remoteAddress
  request.is = (type) => get('content-type')?.includes(type) ?? false
  return new Promise((resolve, reject) => {
    const reply = new Reply(resolve)
    const result = call(request, reply)
    if (typeof result?.then === 'function') result.then(undefined, reject)
  })
}
