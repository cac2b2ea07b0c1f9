// Serves OpenWhisk actions as they are: see README.md.
import { Event } from '../node/event.mjs'
import { serve } from '../node/serve.mjs'
import { loadAction } from './action.mjs'

const eventOf = (request, raw) => {
  const event = new Event(request, raw)
  return Object.assign(event, { search: request.url.slice(event.path.length + 1) })
}

serve(loadAction, eventOf)
