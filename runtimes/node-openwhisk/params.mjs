/** The arguments of a web action: the query, an object in the body over it, and what `__ow_` says of the request. */
export function paramsOf(event) {
  const { method, path, query, headers, body } = event
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body) && !(body instanceof Uint8Array)
  return {
    ...query,
    ...(isObject ? body : {}),
    __ow_method: method.toLowerCase(),
    __ow_headers: headers,
    __ow_path: path,
    ...(!isObject && event.rawBody.length > 0 && { __ow_body: textOf(event) }),
  }
}

const textOf = ({ body, rawBody }) =>
  body instanceof Uint8Array ? rawBody.toString('base64') : rawBody.toString('utf8')
