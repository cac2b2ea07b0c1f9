import { Agent, request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { messageOf, SkepError } from '../core/errors.ts'
import { linger } from './caller-body.ts'
import { isHopByHop } from './headers.ts'
import { Throttle } from './throttle.ts'

export interface RegistryPathOptions {
  /** The registry behind the gateway, which trusts whoever reaches it. */
  readonly url: string
  readonly isRight: (header: string | undefined) => boolean
}

type Listener = (req: IncomingMessage, res: ServerResponse) => void

/** `/v2/…`, the registry's API as `docker push` and `docker pull` speak it, for those with the gateway's credentials. */
export function registryPath({ url, isRight }: RegistryPathOptions): Listener {
  const throttle = new Throttle()
  const agent = new Agent({ keepAlive: true })
  return (req, res) => {
    const client = req.socket.remoteAddress ?? 'unknown'
    const { authorization } = req.headers
    const wait = throttle.waitSeconds(client)
    if (wait > 0) return refuse(req, res, tooManyTries(wait))
    if (!isRight(authorization)) {
      if (authorization !== undefined) throttle.wrong(client)
      return refuse(req, res, new SkepError('unauthorized', 'Log in with the gateway’s credentials.'))
    }
    throttle.right(client)
    passOn(req, res, new URL(url), agent)
  }
}

/** An upload may take as long as it likes; it goes no faster than the registry writes. */
function passOn(req: IncomingMessage, res: ServerResponse, { hostname, port }: URL, agent: Agent): void {
  const { method, url: path } = req
  const outgoing = request({ hostname, port, method, path, agent, headers: headersFor(req) })
  outgoing.on('response', (answer) => {
    res.writeHead(answer.statusCode ?? 502, headersFrom(answer.headers))
    answer.on('error', () => res.destroy()).pipe(res)
  })
  outgoing.on('error', (error) => {
    if (res.headersSent) res.destroy()
    else refuse(req, res, unavailable(error))
  })
  res.on('close', () => outgoing.destroy())
  req.pipe(outgoing)
}

/** The registry is not told the gateway's password. */
const withheld: ReadonlySet<string> = new Set(['authorization', 'cookie', 'expect'])

const headersFor = ({ headers }: IncomingMessage): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !isHopByHop(name) && !withheld.has(name)))

/** Where to go on with an upload is told without a host: the client then stays with the one that it has asked. */
function headersFrom(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const kept = Object.entries(headers).filter(([name]) => !isHopByHop(name))
  const { location } = headers
  return { ...Object.fromEntries(kept), ...(location && { location: location.replace(/^https?:\/\/[^/]+/, '') }) }
}

/** In the form that Docker shows to people. */
function refuse(req: IncomingMessage, res: ServerResponse, error: SkepError): void {
  if (error.code === 'unauthorized') res.setHeader('WWW-Authenticate', 'Basic realm="Skep"')
  if (error.retryAfterSeconds !== undefined) res.setHeader('Retry-After', error.retryAfterSeconds)
  res.setHeader('Docker-Distribution-Api-Version', 'registry/2.0')
  res.writeHead(error.status, { 'Content-Type': 'application/json', 'X-Skep-Error': error.code })
  res.end(`${JSON.stringify({ errors: [{ code: error.code.toUpperCase(), message: error.message }] })}\n`)
  linger(req)
}

const tooManyTries = (seconds: number): SkepError =>
  new SkepError('too_many_attempts', `Too many wrong passwords; wait ${seconds} s.`, { retryAfterSeconds: seconds })

const unavailable = (cause: Error): SkepError =>
  new SkepError('registry_unavailable', `The registry of the stack does not answer: ${messageOf(cause)}.`, { cause })
