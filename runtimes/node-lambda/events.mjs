import { answerOf, payloadOf } from './answer.mjs'
import { restEvent } from './event-v1.mjs'
import { httpEvent, payload } from './event.mjs'
import { routesOf } from './routes.mjs'

const kinds = {
  v2: { make: httpEvent, answerOf },
  v1: { make: restEvent, answerOf },
  body: { make: payload, answerOf: payloadOf },
}

/** What `LAMBDA_EVENT` chooses: how a request becomes an event, and a result an answer. */
export function eventKind({ LAMBDA_EVENT: name = 'v2', LAMBDA_ROUTES: routes }) {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
  if (!kind) throw new Error(`LAMBDA_EVENT is "${name}"; it can be ${Object.keys(kinds).join(', ')}.`)
  const routeOf = routesOf(routes)
  return {
    eventOf: (request, raw) => kind.make(request, raw, routeOf),
    answerOf: kind.answerOf,
  }
}
