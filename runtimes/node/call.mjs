const forgottenAfterMs = 10_000

/**
 * Calls the handler in whatever style it is written and hands over its answer once, as
 * `{ status, headers, value }` or `{ status, error }`.
 *
 *   (event) => value                            what it returns, or what its promise resolves with
 *   (event, context) => value                   the same, with context.status() and context.headers()
 *   (event, context) => context.succeed(value)  or context.fail(error)
 *   (context, callback) => callback(error, value)
 *
 * One object is both `context` and `callback`. A handler with two parameters that returns nothing, not even a promise,
 * answers through it later; every other handler has answered when it returns.
 */
export function call(handler, event, callId, settle) {
  const answer = { status: undefined, headers: undefined, value: undefined, error: undefined }
  let forgotten
  let settled = false
  const settleOnce = () => {
    if (settled) return
    settled = true
    clearTimeout(forgotten)
    settle(answer)
  }
  const context = contextOf(callId, answer, settleOnce)
  let result
  try {
    result = handler(event, context, context)
  } catch (error) {
    return context.fail(error)
  }
  if (typeof result?.then === 'function') result.then(context.succeed, context.fail)
  else if (result !== undefined || handler.length < 2) context.succeed(result)
  else if (!settled) forgotten = setTimeout(hint, forgottenAfterMs, callId).unref()
}

function contextOf(callId, answer, settle) {
  const context = (error, value) => (error ? context.fail(error) : context.succeed(value))
  context.callId = callId
  context.status = (code) => {
    if (code === undefined) return answer.status ?? 200
    answer.status = code
    return context
  }
  context.headers = (headers) => {
    if (headers === undefined) return answer.headers ?? {}
    answer.headers = { ...answer.headers, ...headers }
    return context
  }
  context.succeed = (value) => {
    answer.value ??= value
    settle()
  }
  context.fail = (error) => {
    console.error(error) // the caller gets the message only; after an answer this line is all that there is
    answer.error ??= error ?? new Error('The handler failed without saying why.')
    settle()
  }
  return context
}

const hint = (callId) =>
  console.error(
    `Call ${callId}: the handler has two parameters and returned nothing, so its answer is still waited for. ` +
      'Return a value, make it async, or call its second argument.',
  )
