// Serves the files of a folder: see README.md.
import { serve } from '../node/serve.mjs'
import { fileAnswer } from './file.mjs'

const load = async (folder) => (event) => fileAnswer(folder, event)

serve(load, ({ method, url, headers }) => ({ method, url, headers }))
