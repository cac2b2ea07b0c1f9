import { fileIn, importFrom, mainOf } from '../node/load.mjs'
import { contextMaker } from './context.mjs'
import { enter } from './environment.mjs'
import { invoke } from './invoke.mjs'
import { awslambda, invokeStreaming, isStreaming } from './stream.mjs'

const types = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts']

/** `_HANDLER` (or `HANDLER`) is `file.function`, as in Lambda's settings; by default `index.handler`. */
export async function loadLambda(folder, answerOf) {
  const given = process.env._HANDLER || process.env.HANDLER
  const wanted = given || 'index.handler'
  const setting = given ? `HANDLER is "${given}"` : 'HANDLER is not set, which means "index.handler"'
  // The file's name ends at the first dot: what it exports may be nested.
  const [, file, path] = /^((?:.*\/)?[^./]+)\.([^/]+)$/.exec(wanted) ?? []
  if (!file) throw new Error(`${setting}; it names a file and what it exports, as in "index.handler".`)
  const names = types.map((type) => `${file}.${type}`)
  const found = fileIn(folder, given ? names : [...names, mainOf(folder)])
  if (!found) throw new Error(`${setting}, but ${folder} has no ${file}.js, .mjs, .cjs or .ts.`)
  enter(folder, wanted)
  globalThis.awslambda = awslambda
  const handler = exported(await importFrom(folder, found).catch(hint), path)
  if (typeof handler !== 'function') throw new Error(`${setting}, but ${found} exports no function "${path}".`)
  return caller(handler, answerOf)
}

function caller(handler, answerOf) {
  const call = isStreaming(handler) ? invokeStreaming : invoke
  const contextOf = contextMaker(process.env)
  return async (event, { callId }) => {
    const id = event?.requestContext?.requestId ?? callId ?? crypto.randomUUID()
    return answerOf(await call(handler, event, (settle) => contextOf(id, settle)))
  }
}

/** `import` shows all of module.exports as `default`, and not always its parts. */
function exported(module, path) {
  const [first, ...rest] = path.split('.')
  return rest.reduce((value, name) => value?.[name], module[first] ?? module.default?.[first])
}

function hint(error) {
  const [, missing] = /Cannot find (?:module|package) '(@aws-sdk\/[^/']+|aws-sdk)/.exec(error.message) ?? []
  if (missing) error.message += `. Lambda brings ${missing} along; here it is a dependency in package.json.`
  throw error
}
