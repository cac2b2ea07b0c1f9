import { resolve } from 'node:path'
import { Event } from './event.mjs'
import { HandlerServer } from './server.mjs'

/**
 * Serves what `load(folder)` resolves with, a function of (event, context), over HTTP until SIGTERM. Configured by the
 * environment: see README.md. A runtime that is built upon this one may make the event in its own way, of requests and responses
 * of its own classes.
 */
export function serve(load, eventOf = (request, raw) => new Event(request, raw), classes = {}) {
  const server = new HandlerServer(load(resolve(process.argv[2] ?? process.env.HANDLER_DIR ?? 'function')), {
    eventOf,
    classes,
    maxInFlight: whole('MAX_INFLIGHT', 0) || Infinity,
    maxBodyBytes: whole('MAX_BODY_BYTES', 100 * 1024 * 1024) || Infinity,
  })
  server.listen(whole('PORT', 8080), process.env.HOST || undefined) // no host: every address, IPv6 too

  // Not at once: the handler may listen to the signal as well.
  const exit = (code) => setImmediate(() => process.exit(code))
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.drain(() => exit(0)))

  // An error that nobody caught leaves the handler in a state that nobody knows: this replica ends and another takes its
  // place. Requests beside the broken one get a moment to finish.
  process.on('uncaughtException', (error) => {
    console.error(error)
    server.drain(() => exit(1))
    setTimeout(() => process.exit(1), 3000)
  })
  return server
}

export function whole(name, otherwise) {
  const text = process.env[name]
  if (text === undefined || text === '') return otherwise
  if (/^\d+$/.test(text)) return Number(text)
  console.error(`${name} must be a whole number, not "${text}".`)
  process.exit(1)
}
