// Serves OpenWhisk actions as they are: see README.md.
import { serve } from '../node/serve.mjs'
import { loadAction } from './action.mjs'

serve(loadAction)
