const textual = /^text\/|[/+](json|xml)|javascript|x-www-form-urlencoded/

/** `{ statusCode, headers, body }` as a web action means it; any other object is the answer itself, as JSON. */
export function answerOf(result) {
  if (result === undefined) return asJson({})
  if (typeof result !== 'object' || result === null) throw new Error('The action did not return an object.')
  if ('error' in result) return answerOf(failed(result.error))
  if (!('statusCode' in result || 'headers' in result || 'body' in result)) return asJson(result)
  const { statusCode, headers = {}, body } = result
  const isEmpty = body === undefined || body === null || body === ''
  return {
    statusCode: Number(statusCode ?? (isEmpty ? 204 : 200)),
    headers:
      typeof body === 'string' && !isEmpty
        ? { 'Content-Type': typeOf(headers) ?? 'text/html', ...withoutType(headers) }
        : headers,
    body: typeof body === 'string' ? bytes(body, typeOf(headers)) : body,
  }
}

/** `{ error: { statusCode, body } }` says itself what the caller gets. */
const failed = (error) =>
  typeof error === 'object' && error !== null && 'statusCode' in error ? error : { statusCode: 502, body: { error } }

const asJson = (result) => ({
  statusCode: 200,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(result),
})

const isType = (name) => name.toLowerCase() === 'content-type'
const typeOf = (headers) => Object.entries(headers).find(([name]) => isType(name))?.[1]
const withoutType = (headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => !isType(name)))

/** An image is written as base64. */
const bytes = (body, type = 'text/html') => (textual.test(type) ? body : Buffer.from(body, 'base64'))
