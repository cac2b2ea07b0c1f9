// Serves functions written for Google Cloud Functions as they are: see README.md.
import { serve } from '../node/serve.mjs'
import { loadFunction } from './function.mjs'
import { Request } from './request.mjs'
import { Response } from './response.mjs'

serve(loadFunction, (request, raw, exchange) => request.take(raw, exchange), {
  IncomingMessage: Request,
  ServerResponse: Response,
})
