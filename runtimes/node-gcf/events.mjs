import { backgroundOf, cloudEventFrom } from './background.mjs'

/** Calls a function of a CloudEvent, or of (data, context), the older way. What it returns is not the caller's. */
export async function callWithEvent(call, signature, request) {
  if (request.method !== 'POST') return { statusCode: 405, headers: { Allow: 'POST' } }
  const event = cloudEventOf(request)
  const given = signature === 'cloudevent' ? [event ?? cloudEventFrom(request)] : backgroundOf(request, event)
  if (given[0] === undefined)
    return { statusCode: 400, body: { error: 'This is no CloudEvent: it has no ce-id, ce-source and ce-type.' } }
  await called(call, given)
  return { statusCode: 204 }
}

/** In binary mode the attributes are headers, in structured mode the body has them all. */
function cloudEventOf({ headers, body, rawBody }) {
  if (headers['content-type']?.startsWith('application/cloudevents+json')) return body
  if (!headers['ce-id'] || !headers['ce-source'] || !headers['ce-type']) return undefined
  const attributes = Object.entries(headers).filter(([name]) => name.startsWith('ce-'))
  const named = attributes.map(([name, value]) => [name.slice(3), decoded(value)])
  const type = headers['content-type']
  return {
    ...Object.fromEntries(named),
    ...(type && { datacontenttype: type }),
    ...(rawBody.length > 0 && { data: body }),
  }
}

function decoded(value) {
  try {
    return decodeURIComponent(value)
  } catch {
    return value // as the caller wrote it
  }
}

/** With one parameter more than it is given, a function calls back. */
function called(call, given) {
  if (call.length <= given.length) return call(...given)
  return new Promise((resolve, reject) => {
    const result = call(...given, (error, value) => (error ? reject(error) : resolve(value)))
    if (typeof result?.then === 'function') result.then(resolve, reject)
  })
}
