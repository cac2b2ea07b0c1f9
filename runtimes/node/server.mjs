import { createServer } from 'node:http'
import { Exchange } from './exchange.mjs'

const keeping = {
  // Announced as `Keep-Alive: timeout=75`, so that the gateway closes an idle connection first.
  keepAliveTimeout: 75_000,
  // How long an upload may take and how long headers may be is the gateway's to limit.
  requestTimeout: 0,
  maxHeaderSize: 64 * 1024,
}

/** Serves one handler. It listens while the handler still loads, so that `/_/ready` can say what is missing. */
export class HandlerServer {
  #server
  #options
  #loaded
  #handler
  #notReady = 'loading'
  #inFlight = 0
  #draining = false
  #drained
  #watch = {
    isLast: () => this.#draining,
    ended: () => {
      this.#inFlight--
      this.#endIfDrained()
    },
  }

  constructor(loading, options) {
    this.#options = options
    this.#server = createServer({ ...keeping, ...options.classes }, (request, response) =>
      this.#route(request, response),
    )
    this.#loaded = loading.then(
      (handler) => {
        this.#handler = handler
        this.#notReady = undefined
      },
      (error) => {
        console.error(error.message)
        if (error.cause) console.error(error.cause)
        this.#notReady = `cannot load: ${error.message}`
      },
    )
  }

  listen(port, host) {
    this.#server.listen(port, host)
  }

  /** From now on neither listening nor a connection keeps the process. */
  unref() {
    this.#server.unref().on('connection', (socket) => socket.unref())
  }

  /** Accepts no more connections and calls back when all that is in flight has been answered. */
  drain(drained) {
    this.#draining = true
    this.#notReady = 'stopping'
    this.#drained = drained
    this.#server.close()
    this.#endIfDrained()
  }

  #endIfDrained() {
    if (!this.#draining || this.#inFlight > 0) return
    this.#server.closeAllConnections()
    this.#drained()
  }

  #route(request, response) {
    if (request.url === '/_/ready') return this.#ready(response)
    if (request.url === '/_/health') return say(response, 200, 'OK')
    const isFull = this.#isFull
    this.#inFlight++
    const exchange = new Exchange(request, response, this.#watch)
    if (isFull)
      exchange.refuse(429, `This replica already serves ${this.#options.maxInFlight} requests.`, 'Retry-After', 1)
    else if (this.#handler) exchange.run(this.#handler, this.#options)
    else void this.#loaded.then(() => this.#runOrRefuse(exchange))
  }

  /** For a caller who did not wait for `/_/ready`. */
  #runOrRefuse(exchange) {
    if (this.#handler) exchange.run(this.#handler, this.#options)
    else exchange.refuse(503, this.#notReady)
  }

  #ready(response) {
    if (this.#notReady !== undefined) return say(response, 503, this.#notReady)
    if (this.#isFull) return say(response, 429, 'busy')
    say(response, 200, 'OK')
  }

  get #isFull() {
    return this.#inFlight >= this.#options.maxInFlight
  }
}

function say(response, status, text) {
  response.writeHead(status, ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', Buffer.byteLength(text)])
  response.end(text)
}
