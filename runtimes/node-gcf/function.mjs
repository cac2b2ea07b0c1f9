import { registerHooks } from 'node:module'
import { findIn, importFrom } from '../node/load.mjs'
import { callWithEvent } from './events.mjs'
import framework from './framework.cjs'
import { callWithRequest } from './http.mjs'

const standIn = new URL('framework.cjs', import.meta.url).href

/** The function that FUNCTION_TARGET names, registered or exported; the only one there is, if it names none. */
export async function loadFunction(folder) {
  registerHooks({
    resolve: (name, context, next) =>
      name === '@google-cloud/functions-framework' ? { url: standIn, shortCircuit: true } : next(name, context),
  })
  const file = findIn(folder, ['index.js', 'index.mjs', 'index.cjs', 'function.js'])
  const { signature, call } = choose(await importFrom(folder, file), file)
  if (signature === 'http') return (event) => callWithRequest(call, event)
  return (event) => callWithEvent(call, signature, event)
}

function choose(module, file) {
  const all = new Map([...exportedBy(module), ...framework.registered])
  const { FUNCTION_TARGET: target } = process.env
  const found = target ? all.get(target) : (all.get('function') ?? (all.size === 1 ? [...all.values()][0] : undefined))
  if (found) return found
  const there = [...all.keys()].join(', ') || 'none'
  throw new Error(`${file} has no function "${target ?? 'function'}"; FUNCTION_TARGET names one of these: ${there}.`)
}

function exportedBy(module) {
  const signature = process.env.FUNCTION_SIGNATURE_TYPE || 'http'
  const exported = { ...module.default, ...module }
  if (typeof module.default === 'function') exported.function = module.default
  return Object.entries(exported)
    .filter(([name, value]) => typeof value === 'function' && name !== 'default' && name !== 'module.exports')
    .map(([name, call]) => [name, { signature, call }])
}
