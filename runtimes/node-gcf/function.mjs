import { registerHooks } from 'node:module'
import { importFrom, resolveIn } from '../node/load.mjs'
import { callWithEvent } from './events.mjs'
import { registered } from './framework.mjs'
import { callWithRequest } from './http.mjs'
import { callWithJson } from './typed.mjs'

const names = ['function.js', 'index.mjs', 'index.cjs', 'index.ts']
const standIn = new URL('framework.mjs', import.meta.url).href

/** The function that FUNCTION_TARGET names, registered or exported; the only one there is, if it names none. */
export async function loadFunction(folder) {
  registerHooks({
    resolve: (name, context, next) =>
      name === '@google-cloud/functions-framework' ? { url: standIn, shortCircuit: true } : next(name, context),
  })
  const file = resolveIn(folder, process.env.FUNCTION_SOURCE ?? '', names)
  const { signature, call } = choose(await importFrom(folder, file), file)
  if (signature === 'http') return (request) => callWithRequest(call, request)
  if (signature === 'typed') return (request) => callWithJson(call, request)
  return (request) => callWithEvent(call, signature, request)
}

function choose(module, file) {
  const exported = exportedBy(module)
  const { FUNCTION_TARGET: target } = process.env
  if (target) return registered.get(target) ?? exported.get(target) ?? deeper(module, target) ?? missing()
  const all = registered.size > 0 ? registered : exported
  return all.get('function') ?? (all.size === 1 ? [...all.values()][0] : missing())

  function missing() {
    const there = [...registered.keys(), ...exported.keys()].join(', ')
    if (!there) throw new Error(`${file} has no function. Write: exports.hello = (req, res) => res.send('an answer')`)
    const what = target ? `no function "${target}"` : 'more than one function'
    throw new Error(`${file} has ${what}; FUNCTION_TARGET in its environment names one of these: ${there}.`)
  }
}

const signed = (call) => ({ signature: process.env.FUNCTION_SIGNATURE_TYPE || 'http', call })

function exportedBy(module) {
  const exported = { ...module.default, ...module }
  if (typeof module.default === 'function') exported.function = module.default
  const functions = Object.entries(exported).filter(
    ([name, value]) => typeof value === 'function' && name !== 'default' && name !== 'module.exports',
  )
  return new Map(functions.map(([name, call]) => [name, signed(call)]))
}

/** `api.users` lies in an exported object. */
function deeper(module, target) {
  const found = target.split('.').reduce((place, name) => place?.[name], { ...module.default, ...module })
  return typeof found === 'function' ? signed(found) : undefined
}
