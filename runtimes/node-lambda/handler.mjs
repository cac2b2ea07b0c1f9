import { findIn, importFrom } from '../node/load.mjs'
import { answerOf } from './answer.mjs'
import { contextOf } from './context.mjs'

/** `_HANDLER` (or `HANDLER`) is `file.function`, as in Lambda's settings; by default `index.handler`. */
export async function loadLambda(folder) {
  const wanted = process.env._HANDLER || process.env.HANDLER || 'index.handler'
  const dot = wanted.lastIndexOf('.')
  const [file, name] = [wanted.slice(0, dot), wanted.slice(dot + 1)]
  const found = findIn(
    folder,
    ['mjs', 'js', 'cjs', 'mts', 'ts'].map((type) => `${file}.${type}`),
  )
  const module = await importFrom(folder, found)
  const handler = module[name] ?? module.default?.[name]
  if (typeof handler !== 'function') throw new Error(`${found} exports no function "${name}"; _HANDLER is "${wanted}".`)
  return async (event) => answerOf(await invoke(handler, event))
}

/** It answers by what it returns, if that is a promise, else by calling back. */
function invoke(handler, event) {
  return new Promise((resolve, reject) => {
    const settle = (error, value) => (error ? reject(error) : resolve(value))
    const result = handler(event, contextOf(event.requestContext.requestId, settle), settle)
    if (typeof result?.then === 'function') result.then(resolve, reject)
    else if (result !== undefined) resolve(result)
  })
}
