import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const names = ['handler.js', 'handler.mjs', 'handler.cjs', 'handler.ts', 'handler.mts', 'handler.cts']

/** The handler's function. What goes wrong is thrown as an Error whose message a person can act on. */
export async function loadHandler(folder) {
  const name = findIn(folder, names)
  const handler = functionOf(await importFrom(folder, name))
  if (handler) return handler
  throw new Error(`${name} exports no function. Write: module.exports = async (event, context) => 'an answer'`)
}

export async function importFrom(folder, name) {
  if (/\.[mc]?ts$/.test(name) && !process.features.typescript) {
    throw new Error(`${name} is TypeScript, which needs Node 22.18 or newer; this is Node ${process.versions.node}.`)
  }
  const real = realpathSync(folder) // stacks name real paths
  const file = join(real, name)
  return import(pathToFileURL(file)).catch((error) => {
    throw new Error(reasonOf(error, real, file), { cause: error })
  })
}

/** The first of `names` that is a file in the folder, else the `main` of package.json. */
export function findIn(folder, names) {
  const found = fileIn(folder, [...names, mainOf(folder)])
  if (found) return found
  throw new Error(`There is no handler in ${folder}: looked for ${names.join(', ')} and "main" of package.json.`)
}

export function fileIn(folder, names) {
  const isFile = (name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile()
  return names.find((name) => name !== undefined && isFile(name))
}

/** A file or a folder as Node finds it, by the main of package.json, else index.js; what only import can load by `names`. */
export function resolveIn(folder, place, names) {
  const real = realpathSync(folder)
  const source = resolve(real, place)
  try {
    return relative(real, createRequire(join(real, 'any')).resolve(source))
  } catch {
    return relative(real, join(source, findIn(source, names)))
  }
}

/** Undefined: package.json names none. */
export function mainOf(folder) {
  const manifest = join(folder, 'package.json')
  if (!existsSync(manifest)) return undefined
  try {
    const { main } = JSON.parse(readFileSync(manifest, 'utf8'))
    return typeof main === 'string' ? main : undefined
  } catch (error) {
    throw new Error(`package.json is not JSON: ${error.message}`)
  }
}

/** `import` shows module.exports as `default`; in there a compiled `export default` is `default` once more. */
function functionOf(module) {
  const places = [module, module.default, module.default?.default]
  const exported = places.flatMap((place) => [place?.default, place?.handle, place?.handler])
  return exported.find((value) => typeof value === 'function')
}

/** `handler.js:3: SyntaxError: Unexpected token`: the first line of the user's own code that the stack names. */
export function reasonOf(error, folder, file) {
  const places = (text) =>
    String(text)
      .split(folder)
      .slice(1)
      .map((rest) => rest.match(/^\/(\S+?:\d+)/)?.[1])
  const placeIn = (text) => places(text).find((place) => place !== undefined)
  const what = error instanceof Error ? `${error.name}: ${error.message.split('\n', 1)[0]}` : String(error)
  // A syntax error in an ES module does not say where it is; `node --check` does.
  const check = () => spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' }).stderr
  const place = placeIn(error?.stack) ?? (error instanceof SyntaxError ? placeIn(check()) : undefined)
  return `${place ?? file.slice(folder.length + 1)}: ${what}`
}
