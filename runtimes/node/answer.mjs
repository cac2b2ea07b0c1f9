import { pipeline } from 'node:stream'

/**
 * Writes a handler's answer `{ status, headers, value }`; `fields` are the runtime's own headers, name, value, …, and become
 * the whole head.
 * Throws, before anything is written, when the value, the status or a header cannot be sent.
 */
export function writeAnswer(response, answer, fields) {
  const { status = 200, headers, value } = isShaped(answer.value) ? unfold(answer) : answer
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new Error(`The handler answered with status ${String(status)}; it must be a number from 200 to 599.`)
  }
  if (isStream(value)) return writeStream(response, status, headFor(headers, fields, 'application/octet-stream'), value)
  const [type, body] = typed(value)
  if (status === 204 || status === 304) return response.writeHead(status, headFor(headers, fields)).end()
  response.writeHead(status, headFor(headers, fields, type, Buffer.byteLength(body))).end(body)
}

export function writeError(response, status, error, fields) {
  const body = JSON.stringify({ error: error instanceof Error ? error.message || error.name : String(error) })
  response.writeHead(status, headFor(undefined, fields, 'application/json', Buffer.byteLength(body))).end(body)
}

/** `{ statusCode, headers, body }`, or `status` for `statusCode`; a web Response fits too. `{ status: 'done' }` is data. */
function isShaped(value) {
  if (typeof value !== 'object' || value === null || isStream(value)) return false
  return (
    Number.isInteger(value.statusCode) || (Number.isInteger(value.status) && ('body' in value || 'headers' in value))
  )
}

const unfold = ({ headers, value }) => ({
  status: value.statusCode ?? value.status,
  headers: { ...headers, ...Object.fromEntries(pairs(value.headers)) },
  value: value.body,
})

const pairs = (headers = {}) => (Symbol.iterator in headers ? [...headers] : Object.entries(headers))

const isStream = (value) =>
  typeof value === 'object' && value !== null && (typeof value.pipe === 'function' || Symbol.asyncIterator in value)

/** The content type of a plain value, and the value as bytes or text. */
function typed(value) {
  if (typeof value === 'string') return ['text/plain; charset=utf-8', value]
  if (value === undefined || value === null) return [undefined, '']
  if (value instanceof Uint8Array) return ['application/octet-stream', value]
  if (value instanceof ArrayBuffer) return ['application/octet-stream', Buffer.from(value)]
  const body = JSON.stringify(value)
  if (body === undefined) throw new Error(`The handler answered with a ${typeof value}, which cannot be sent.`)
  return ['application/json', body]
}

/**
 * `head` with the rest: a flat list, as writeHead is fastest with. The handler's content type wins over ours; the length of a
 * whole body is ours.
 */
function headFor(headers, head, type, length) {
  if (length !== undefined) head.push('Content-Length', length)
  if (headers !== undefined) type = addHeaders(head, headers, type, length)
  if (type !== undefined) head.push('Content-Type', type)
  return head
}

/** The content type that is still missing after these. */
function addHeaders(head, headers, type, length) {
  for (const [name, value] of pairs(headers)) {
    const key = name.toLowerCase()
    if (value === undefined || value === null || (key === 'content-length' && length !== undefined)) continue
    if (key === 'content-type') type = undefined
    for (const one of Array.isArray(value) ? value : [value]) head.push(name, String(one))
  }
  return type
}

function writeStream(response, status, head, source) {
  if (response.destroyed) return source.destroy?.() // the caller has left, and pipeline would throw
  response.writeHead(status, head)
  if (response.req.method === 'HEAD' || status === 204 || status === 304) {
    source.destroy?.()
    return response.end()
  }
  response.flushHeaders() // an event stream may be silent for long
  pipeline(source, response, (error) => {
    // The answer is cut where it broke. A caller who left is not worth a line.
    if (error && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') console.error(error)
  })
}
