// Serves the handler in a folder: see README.md.
import { loadHandler } from './load.mjs'
import { serve } from './serve.mjs'

serve(loadHandler)
