/** The arguments of a web action: the query, an object in the body over it, and what `__ow_` says of the request. */
export function paramsOf(event) {
  const { query, body, rawBody } = event
  const isBinary = body instanceof Uint8Array
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body) && !isBinary
  if (isObject) return { ...query, ...body, ...requestOf(event) }
  return {
    ...query,
    ...requestOf(event),
    ...(rawBody.length > 0 && { __ow_body: isBinary ? rawBody.toString('base64') : body }),
  }
}

/** A raw web action gets the query and the body as they came; what is not text, and JSON, as base64. */
export function rawParamsOf(event) {
  const isText = /^text\/|x-www-form-urlencoded/.test(event.headers['content-type'] ?? '')
  return {
    ...requestOf(event),
    __ow_query: event.search,
    __ow_body: event.rawBody.toString(isText ? 'utf8' : 'base64'),
  }
}

const requestOf = ({ method, path, headers }) => ({
  __ow_method: method.toLowerCase(),
  __ow_headers: headers,
  __ow_path: path === '/' ? '' : path,
})
