// The events of (data, context) functions are older than CloudEvents; each kind of function takes both, as on Google.
const pubsub = {
  type: 'google.cloud.pubsub.topic.v1.messagePublished',
  service: 'pubsub.googleapis.com',
  message: 'type.googleapis.com/google.pubsub.v1.PubsubMessage',
}
const document = 'providers/cloud.firestore/eventTypes/document'
const eventTypes = {
  [pubsub.type]: 'google.pubsub.topic.publish',
  'google.cloud.storage.object.v1.finalized': 'google.storage.object.finalize',
  'google.cloud.storage.object.v1.deleted': 'google.storage.object.delete',
  'google.cloud.storage.object.v1.archived': 'google.storage.object.archive',
  'google.cloud.storage.object.v1.metadataUpdated': 'google.storage.object.metadataUpdate',
  'google.cloud.firestore.document.v1.written': `${document}.write`,
  'google.cloud.firestore.document.v1.created': `${document}.create`,
  'google.cloud.firestore.document.v1.updated': `${document}.update`,
  'google.cloud.firestore.document.v1.deleted': `${document}.delete`,
}
const cloudTypes = Object.fromEntries(Object.entries(eventTypes).map(([cloud, older]) => [older, cloud]))

/** `[data, context]` of a CloudEvent, of a push of Pub/Sub, or of `{ context, data }`; empty if it is none of them. */
export function backgroundOf(request, event) {
  if (event) return [dataOf(event), contextOf(event)]
  const { data, context, ...attributes } = pushed(request) ?? request.body
  return data === undefined ? [] : [data, context ?? attributes]
}

function dataOf({ type, data }) {
  if (type !== pubsub.type || !data?.message) return data
  const { messageId, publishTime, ...message } = data.message
  return { '@type': pubsub.message, ...message }
}

function contextOf({ data, ...event }) {
  const { id, time, type, source, subject } = event
  const own = { ...event, eventId: id, timestamp: time, eventType: eventTypes[type] ?? type, resource: source }
  const [, service, place] = /^\/\/([^/]+)\/(.+)/.exec(source) ?? []
  if (!(type in eventTypes) || !place) return own
  const name = subject ? `${place}/${subject}` : place
  if (type === pubsub.type) return { ...own, resource: { service, name, type: pubsub.message } }
  return { ...own, resource: type.includes('.storage.') ? { service, name, type: data?.kind } : name }
}

/** A CloudEvent of what came in an older way, or undefined. */
export function cloudEventFrom(request) {
  if (request.body.specversion && request.body.type) return request.body // structured, though its content type does not say so
  const { data, context } = pushed(request) ?? request.body
  if (data === undefined || !context?.eventType) return undefined
  const { eventId: id, timestamp: time, eventType, resource } = context
  const type = cloudTypes[eventType] ?? eventType
  const event = { specversion: '1.0', id, time, type, datacontenttype: 'application/json' }
  if (type === pubsub.type)
    return { ...event, source: sourceOf(resource), data: { message: { ...data, messageId: id, publishTime: time } } }
  const [, place, subject] = /^(.+?)\/((?:objects|documents)\/.+)/.exec(resource?.name ?? resource) ?? []
  return { ...event, source: sourceOf(resource, place), ...(subject && { subject }), data }
}

/** A name alone is of Firestore when it can be divided. */
function sourceOf(resource, place) {
  if (typeof resource !== 'object') return place ? `//firestore.googleapis.com/${place}` : resource
  return `//${resource.service}/${place ?? resource.name}`
}

/** What a subscription of Pub/Sub pushes, as `{ context, data }`; its topic is in the path. */
function pushed({ body: { context, subscription, message }, path }) {
  if (context || !subscription || !message?.messageId) return undefined
  const name = /projects\/[^/]+\/topics\/[^/]+/.exec(path)?.[0] ?? ''
  const { data, attributes = {}, messageId: eventId, publishTime: timestamp = new Date().toISOString() } = message
  return {
    context: {
      ...{ eventId, timestamp, eventType: eventTypes[pubsub.type] },
      resource: { service: pubsub.service, name, type: pubsub.message },
    },
    data: { '@type': pubsub.message, data, attributes },
  }
}
