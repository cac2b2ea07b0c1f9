import { whenIdle } from './idle.mjs'

/** Calls a handler and resolves with its result: what its promise brings, or what it calls back with. */
export function invoke(handler, event, contextOf) {
  return new Promise((resolve, reject) => {
    let isSettled = false
    let stop = () => {}
    const settle = (error, value) => {
      isSettled = true
      stop()
      if (error) reject(error)
      else resolve(value)
    }
    const result = handler(event, contextOf(settle), settle)
    if (typeof result?.then === 'function') return result.then(resolve, reject)
    // Many a handler with callbacks returns what its last expression happens to be.
    if (result !== undefined && handler.length < 2) return resolve(result)
    if (!isSettled) stop = whenIdle(settle)
  })
}
