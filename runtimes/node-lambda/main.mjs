// Serves AWS Lambda handlers as they are: see README.md.
import { serve } from '../node/serve.mjs'
import { httpEvent } from './event.mjs'
import { loadLambda } from './handler.mjs'

serve(loadLambda, httpEvent)
