import { BadBody } from '../node/event.mjs'

const textual = /^text\/|[/+](json|xml)|javascript/
export const isForm = (type) => type?.startsWith('application/x-www-form-urlencoded') ?? false

/** A request as API Gateway's HTTP APIs and function URLs tell it: payload format 2.0. */
export function httpEvent(request, raw, routeOf) {
  const target = targetOf(request)
  const { path, rawQueryString, host } = target
  const { key: routeKey = '$default', parameters } = routeOf?.(request.method, path) ?? {}
  const { cookie, ...others } = request.headers
  const type = others['content-type']
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.split(/;\s*/) }),
    headers: { ...Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)])), host },
    ...(rawQueryString !== '' && { queryStringParameters: joined(new URLSearchParams(rawQueryString)) }),
    ...(parameters && { pathParameters: parameters }),
    requestContext: { ...contextOf(request, target), routeKey },
    ...bodyOf(raw, isTextual(type) || (isForm(type) && !hasFields(raw))),
  }
}

/** A gateway asks its replicas by their own address; which one the caller asked is beside it. */
export function targetOf({ url, headers }) {
  const mark = url.indexOf('?')
  return {
    path: mark === -1 ? url : url.slice(0, mark),
    rawQueryString: mark === -1 ? '' : url.slice(mark + 1),
    host: headers['x-forwarded-host'] ?? headers.host ?? 'localhost',
  }
}

export const isTextual = (type) => textual.test(type ?? 'text/plain')

/** A form comes as base64. What only curl calls one, because nobody told it better, is left as text. */
const hasFields = (raw) => /^[^\s"{}=]+=[^\s"{}]*$/.test(raw.toString('latin1', 0, 1000))

export function bodyOf(raw, isText) {
  if (raw.length === 0) return { isBase64Encoded: false }
  return { body: raw.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText }
}

/** The body itself, as whoever invokes a function without HTTP sends it. */
export function payload(_request, raw) {
  try {
    return raw.length === 0 ? {} : JSON.parse(raw.toString('utf8'))
  } catch (error) {
    throw new BadBody(`The event is not JSON: ${error.message}`)
  }
}

export function contextOf({ method, headers, httpVersion, socket }, { path, host }) {
  const now = new Date()
  return {
    accountId: 'anonymous',
    apiId: 'skep',
    domainName: host,
    domainPrefix: host.split('.')[0],
    http: {
      method,
      path,
      protocol: `HTTP/${httpVersion}`,
      sourceIp: headers['x-forwarded-for']?.split(',')[0].trim() ?? socket.remoteAddress ?? '',
      userAgent: headers['user-agent'] ?? '',
    },
    requestId: headers['x-call-id'] ?? crypto.randomUUID(),
    stage: '$default',
    time: clfTime(now),
    timeEpoch: now.getTime(),
  }
}

/** `a=1&a=2` as `{ a: '1,2' }`. */
function joined(search) {
  return Object.fromEntries([...new Set(search.keys())].map((name) => [name, search.getAll(name).join(',')]))
}

/** `05/Aug/2026:08:14:39 +0000` */
function clfTime(date) {
  const [, day, month, year, time] = /, (\d+) (\w+) (\d+) (\S+)/.exec(date.toUTCString())
  return `${day}/${month}/${year}:${time} +0000`
}
