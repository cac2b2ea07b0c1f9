import { readFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { join } from 'node:path'
import { findIn, importFrom } from '../node/load.mjs'
import { answerOf } from './answer.mjs'
import { paramsOf } from './params.mjs'

const names = ['index.js', 'index.mjs', 'index.cjs', 'handler.js', 'main.js']

/** `main` (another by `__OW_MAIN`): exported, or just written down as in an action of one file. */
export async function loadAction(folder) {
  const wanted = process.env.__OW_MAIN || 'main'
  const name = findIn(folder, names)
  const main = await functionIn(folder, name, wanted)
  if (typeof main !== 'function')
    throw new Error(`${name} has no function "${wanted}". Write: function ${wanted}(params) { return {} }`)
  return async (event) => answerOf(await main(paramsOf(event)))
}

async function functionIn(folder, name, wanted) {
  const file = join(folder, name)
  const source = readFileSync(file, 'utf8')
  if (!/\bexports\b|^export\s/m.test(source))
    return written(folder, file, `${source}\nexports.${wanted} = ${wanted}`)[wanted]
  const module = await importFrom(folder, name)
  return (
    module[wanted] ?? module.default?.[wanted] ?? (typeof module.default === 'function' ? module.default : undefined)
  )
}

/** Runs a source as if it stood in the file. */
function written(folder, file, source) {
  const module = new Module(file)
  module.filename = file
  module.paths = createRequire(file).resolve.paths('anything')
  try {
    module._compile(source, file)
  } catch (error) {
    throw new Error(`${file.slice(folder.length + 1)}: ${error.name}: ${error.message}`, { cause: error })
  }
  return module.exports
}
