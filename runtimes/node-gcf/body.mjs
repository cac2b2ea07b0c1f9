import { BadBody } from '../node/event.mjs'
import { fieldsOf } from './fields.mjs'

/** The body as Google's framework gives it: what it does not know stays bytes, and no body is an empty object. */
export function bodyOf(headers, raw) {
  if (raw.length === 0) return {}
  const type = headers['content-type']?.split(';', 1)[0].trim().toLowerCase()
  if (type === 'application/json' || type === 'application/cloudevents+json') return json(raw)
  if (type === 'application/x-www-form-urlencoded') return fieldsOf(raw.toString())
  return type === 'text/plain' ? raw.toString() : raw
}

function json(raw) {
  try {
    return JSON.parse(raw.toString())
  } catch (error) {
    throw new BadBody(`The body is not JSON: ${error.message}`)
  }
}
