// Serves functions written for Google Cloud Functions as they are: see README.md.
import { Event } from '../node/event.mjs'
import { serve } from '../node/serve.mjs'
import { loadFunction } from './function.mjs'

serve(loadFunction, (request, raw) => Object.assign(new Event(request, raw), { request }))
