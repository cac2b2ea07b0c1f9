import { bodyOf, contextOf, isForm, isTextual, targetOf } from './event.mjs'

/** A request as API Gateway's REST APIs tell it, and its HTTP APIs in payload format 1.0. */
export function restEvent(request, raw, routeOf) {
  const target = targetOf(request)
  const { path, rawQueryString, host } = target
  const type = request.headers['content-type']
  const { http, time, timeEpoch, ...context } = contextOf(request, target)
  const { resource, parameters = null } = routeOf(http.method, path) ?? proxied(path)
  const headers = grouped(pairs(request.rawHeaders).map((pair) => (/^host$/i.test(pair[0]) ? [pair[0], host] : pair)))
  const query = grouped(new URLSearchParams(rawQueryString))
  return {
    version: '1.0',
    ...{ resource, path, httpMethod: http.method },
    headers: Object.assign(Object.create(inAnyCase({ ...request.headers, host })), lasts(headers)),
    multiValueHeaders: headers,
    queryStringParameters: rawQueryString ? lasts(query) : null,
    multiValueQueryStringParameters: rawQueryString ? query : null,
    pathParameters: parameters,
    stageVariables: null,
    requestContext: {
      ...context,
      ...{ path, protocol: http.protocol, httpMethod: http.method, resourcePath: resource },
      identity: { sourceIp: http.sourceIp, userAgent: http.userAgent },
      extendedRequestId: context.requestId,
      requestTime: time,
      requestTimeEpoch: timeEpoch,
    },
    ...{ body: null, ...bodyOf(raw, isTextual(type) || isForm(type)) },
  }
}

const proxied = (path) =>
  path === '/' ? { resource: '/' } : { resource: '/{proxy+}', parameters: { proxy: path.slice(1) } }

const pairs = (list) => list.flatMap((name, i) => (i % 2 === 0 ? [[name, list[i + 1]]] : []))

/** All values of each name. */
function grouped(entries) {
  const all = new Map()
  for (const [name, value] of entries) all.set(name, [...(all.get(name) ?? []), value])
  return Object.fromEntries(all)
}

const lasts = (all) => Object.fromEntries(Object.entries(all).map(([name, values]) => [name, values.at(-1)]))

/** REST APIs leave names as the caller wrote them, and handlers ask in the way that theirs did: `X-GitHub-Event`. */
const inAnyCase = (headers) =>
  new Proxy({}, { get: (plain, name) => (typeof name === 'string' && headers[name.toLowerCase()]) || plain[name] })
