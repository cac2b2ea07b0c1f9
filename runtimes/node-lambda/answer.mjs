/** What a function URL makes of a handler's result: an object with a statusCode is an answer, everything else is its body. */
export function answerOf(result) {
  const { statusCode = 200, headers, multiValueHeaders, cookies, body, isBase64Encoded } = shaped(result)
  if (!Number.isInteger(Number(statusCode))) throw new Error(`The handler answered with statusCode "${statusCode}".`)
  return {
    statusCode: Number(statusCode),
    headers: {
      ...(hasType(headers, multiValueHeaders) || body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
      ...multiValueHeaders,
      ...(cookies && { 'Set-Cookie': cookies }),
    },
    body: isBase64Encoded ? Buffer.from(String(body ?? ''), 'base64') : body,
  }
}

/** What an invocation without HTTP gets: all of the result, a statusCode or not. */
export const payloadOf = (result) => ({
  statusCode: 200,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(result ?? null),
})

function shaped(result) {
  if (typeof result === 'object' && result !== null && 'statusCode' in result) return result
  return { body: typeof result === 'string' ? result : JSON.stringify(result ?? null) }
}

export const hasType = (...all) =>
  all.some((headers) => Object.keys(headers ?? {}).some((name) => name.toLowerCase() === 'content-type'))
