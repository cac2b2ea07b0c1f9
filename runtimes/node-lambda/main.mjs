// Serves AWS Lambda handlers as they are: see README.md.
import { serve } from '../node/serve.mjs'
import { eventKind } from './events.mjs'
import { loadLambda } from './handler.mjs'
import { keepAlive } from './idle.mjs'

let kind

async function load(folder) {
  kind = eventKind(process.env) // a mistake in a setting is why it cannot load
  return loadLambda(folder, kind.answerOf)
}

keepAlive(serve(load, (request, raw) => kind.eventOf(request, raw)))
