/** Calls a function of a CloudEvent, or of (data, context), the older way. What it returns is not the caller's. */
export async function callWithEvent(call, signature, given) {
  if (given.method !== 'POST') return { statusCode: 405, headers: { Allow: 'POST' } }
  const event = cloudEventOf(given)
  if (!event)
    return { statusCode: 400, body: { error: 'This is no CloudEvent: it has no ce-id, ce-source and ce-type.' } }
  if (signature === 'cloudevent') await called(call, [event])
  else await called(call, [event.data, contextOf(event)])
  return { statusCode: 204 }
}

/** In binary mode the attributes are headers, in structured mode the body has them all. The old form is `{ context, data }`. */
function cloudEventOf({ headers, body, rawBody }) {
  if (headers['content-type']?.startsWith('application/cloudevents+json')) return body
  if (body?.context?.eventType && 'data' in body) {
    const { eventId, timestamp, eventType, resource } = body.context
    return { specversion: '1.0', id: eventId, time: timestamp, type: eventType, source: resource, data: body.data }
  }
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

const contextOf = ({ id, time, type, source }) => ({ eventId: id, timestamp: time, eventType: type, resource: source })

function decoded(value) {
  try {
    return decodeURIComponent(value)
  } catch {
    throw new Error(`This is no CloudEvent: "${value}" is not encoded as its headers are.`)
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
