/** Calls a function of the JSON in the body, whatever its type is said to be; its value is the answer, as JSON. */
export async function callWithJson(call, { rawBody }) {
  let given
  try {
    given = JSON.parse(rawBody.toString())
  } catch (error) {
    return { statusCode: 400, body: { error: `The body is not JSON: ${error.message}` } }
  }
  const value = await call(given)
  const headers = { 'Content-Type': 'application/json' }
  return { statusCode: 200, headers, body: JSON.stringify(value) }
}
