const waiting = new Set()
let alive

/** Lets `whenIdle` see a process without work as one that could end, though its server listens on. */
export function keepAlive(server) {
  server.unref()
  alive = setInterval(() => {}, 2 ** 31 - 1)
  process.on('beforeExit', () => {
    for (const answer of [...waiting]) answer()
  })
}

/**
 * Calls `answer` when the event loop has nothing left that could: so Lambda ends the invocation of a handler that returned no
 * promise and never called back. Returns what stops the waiting.
 */
export function whenIdle(answer) {
  waiting.add(answer)
  alive.unref()
  return () => {
    waiting.delete(answer)
    if (waiting.size === 0) alive.ref()
  }
}
