import { Agent, request, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { asSkepError, messageOf, SkepError } from '../core/errors.ts'
import type { Admit } from './auth.ts'
import { linger } from './caller-body.ts'
import { isHopByHop } from './headers.ts'
import { tidyBehind } from './tidy-behind.ts'

export interface RegistryPathOptions {
  /** The registry behind the gateway, which trusts whoever reaches it. */
  readonly url: string
  readonly admit: Admit
}

type Listener = (req: IncomingMessage, res: ServerResponse) => void

/** A registry on a slow card is busy for a while with a large layer; longer than this nothing is said by one that works. */
const silentMs = 5 * 60_000

/** `/v2/…`, the registry's API as `docker push` and `docker pull` speak it, for those with the gateway's credentials. */
export function registryPath({ url, admit }: RegistryPathOptions): Listener {
  const agent = new Agent({ keepAlive: true, timeout: silentMs })
  return (req, res) => {
    const { method = 'GET', headers, socket } = req
    admit({ client: socket.remoteAddress, method, authorization: headers.authorization }).then(
      () => res.closed || passOn(req, res, new URL(url), agent),
      (error: unknown) => refuse(req, res, asSkepError(error)),
    )
  }
}

/** An upload may take as long as it likes; it goes no faster than the registry writes. */
function passOn(req: IncomingMessage, res: ServerResponse, { hostname, port }: URL, agent: Agent): void {
  const { method, url: path } = req
  const outgoing = request({ hostname, port, method, path, agent, headers: headersFor(req) })
  outgoing.on('response', (answer) => {
    res.writeHead(answer.statusCode ?? 502, headersFrom(answer.headers))
    tidyBehind(answer)
    answer.on('error', () => res.destroy()).pipe(res)
  })
  outgoing.on('timeout', () => outgoing.destroy(new Error('it has said nothing for five minutes')))
  outgoing.on('error', (error) => {
    if (res.headersSent) res.destroy()
    else refuse(req, res, unavailable(error))
  })
  res.on('close', () => outgoing.destroy())
  tidyBehind(req)
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

/** In the form that Docker shows to people: of all that is sent, it shows the message. */
function refuse(req: IncomingMessage, res: ServerResponse, error: SkepError): void {
  if (error.code === 'unauthorized') res.setHeader('WWW-Authenticate', 'Basic realm="Skep"')
  if (error.retryAfterSeconds !== undefined) res.setHeader('Retry-After', error.retryAfterSeconds)
  res.setHeader('Docker-Distribution-Api-Version', 'registry/2.0')
  res.writeHead(error.status, { 'Content-Type': 'application/json', 'X-Skep-Error': error.code })
  const message = error.hint === undefined ? error.message : `${error.message} (${error.hint})`
  res.end(`${JSON.stringify({ errors: [{ code: error.code.toUpperCase(), message }] })}\n`)
  linger(req)
}

const unavailable = (cause: Error): SkepError =>
  new SkepError('registry_unavailable', `The registry of the stack does not answer: ${messageOf(cause)}.`, {
    cause,
    hint: '`docker service ps skep_registry` says how it is.',
  })
