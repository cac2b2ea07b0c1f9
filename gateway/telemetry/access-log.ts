import type { Log, Observer } from '../core/ports.ts'

/** The same observer, with one log line per answered call; bodies and queries are never in it. */
export function withAccessLog(observer: Observer, log: Log): Observer {
  return {
    ...observer,
    answered(functionKey, status, seconds, invocation, reached) {
      observer.answered(functionKey, status, seconds, invocation, reached)
      const { id, method, target } = invocation
      const path = target.split('?', 1)[0]
      log.info('call', {
        function: functionKey,
        id,
        method,
        path,
        status,
        milliseconds: Math.round(seconds * 1e6) / 1e3,
      })
    },
  }
}
