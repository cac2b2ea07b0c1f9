import { readFileSync, realpathSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { join } from 'node:path'
import { importFrom, reasonOf, resolveIn } from '../node/load.mjs'
import { answerOf } from './answer.mjs'
import { paramsOf, rawParamsOf } from './params.mjs'

const names = ['index.mjs', 'index.cjs', 'handler.js', 'main.js']

/** `main`, or what `__OW_MAIN` names: another function, or `file.function`. */
export async function loadAction(folder) {
  const [, file = '', wanted] = /^(?:([^.]+)\.)?(.+)$/.exec(process.env.__OW_MAIN || 'main')
  process.env.__OW_ACTION_NAME ??= `/_/${process.env.OPENFAAS_NAME ?? 'action'}`
  const name = resolveIn(folder, file, names)
  const main = await functionIn(realpathSync(folder), name, wanted)
  if (typeof main !== 'function')
    throw new Error(`${name} has no function "${wanted}". Write: function ${wanted}(params) { return {} }`)
  const argumentsOf = process.env.__OW_RAW_HTTP === 'true' ? rawParamsOf : paramsOf
  return async (event) => {
    process.env.__OW_ACTIVATION_ID = event.headers['x-call-id']?.replaceAll('-', '') ?? ''
    return answerOf(await resultOf(main, argumentsOf(event)))
  }
}

/** What an action rejects with, if it is no error, is its answer: `{ error }`. */
async function resultOf(main, params) {
  try {
    return await main(params)
  } catch (reason) {
    if (reason instanceof Error) throw reason
    return { error: reason ?? {} }
  }
}

async function functionIn(folder, name, wanted) {
  const file = join(folder, name)
  const source = readFileSync(file, 'utf8')
  if (!name.endsWith('.mjs') && !/^\s*(export|import)\s/m.test(source)) return written(folder, file, source, wanted)
  const module = await importFrom(folder, name)
  return (
    module[wanted] ?? module.default?.[wanted] ?? (typeof module.default === 'function' ? module.default : undefined)
  )
}

/** Runs a source as if it stood in the file: the function is exported, or just written down as in an action of one file. */
function written(folder, file, source, wanted) {
  const module = (Module._cache[file] = new Module(file))
  module.filename = file
  module.paths = createRequire(file).resolve.paths('anything')
  try {
    module._compile(`${source}\n;module.action = typeof ${wanted} === 'function' ? ${wanted} : undefined`, file)
  } catch (error) {
    throw new Error(reasonOf(error, folder, file), { cause: error })
  }
  return module.action ?? module.exports[wanted] ?? module.exports
}
