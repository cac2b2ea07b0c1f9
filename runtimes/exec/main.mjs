// Answers requests with what a program writes: see README.md.
import { serve } from '../node/serve.mjs'
import { loadProgram } from './program.mjs'

/** A program gets the bytes of the body, whatever they are. */
const eventOf = ({ method, url, headers }, raw) => ({ method, url, headers, raw })

serve(loadProgram, eventOf)
