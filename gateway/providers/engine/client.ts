import { Agent } from 'node:http'
import type { Readable } from 'node:stream'
import Dockerode from 'dockerode'
import { messageOf, SkepError } from '../../core/errors.ts'
import type { FindLogin } from '../../core/registry.ts'
import { type EngineRequest, imageOf, loginFor } from './logins.ts'

export type ContainerSettings = Dockerode.ContainerCreateOptions
export type ContainerInfo = Dockerode.ContainerInfo
export type ImageInfo = Dockerode.ImageInspectInfo
export type ServiceSettings = Dockerode.CreateServiceOptions
export type EngineStream = Readable

/** The way to the Docker engine; the only one, so that no call can hang. */
export interface Engine {
  /**
   * One question; what `docker` hands out must not be used for another one. It may take its time for as long as the
   * engine answers a ping; else it rejects with `provider_unavailable` within 2 s. What the engine refuses rejects with
   * `EngineRefusal`.
   */
  ask<T>(question: (docker: Dockerode) => Promise<T>): Promise<T>
  /** What happens to containers, one JSON document a line. It breaks when the engine is found not to answer. */
  events(filters: { label: string[]; event: string[] }): Promise<EngineStream>
}

/** The engine answered, and the answer was no. */
export class EngineRefusal extends SkepError {
  readonly httpStatus: number

  constructor(httpStatus: number, sentence: string, cause: unknown) {
    super('internal', `The Docker engine refused: ${sentence}`, { cause, hint: 'The engine’s own log says more.' })
    this.httpStatus = httpStatus
  }
}

const pingEveryMs = 500
const pingLimitMs = 1400

const noLogins: FindLogin = async () => undefined

/**
 * `host`: `unix:///run/docker.sock` or `tcp://host:2375`, or whose connections lead to an engine; left out: where it usually
 * is. `logins` go with every request that makes an engine pull.
 */
export function connectEngine(host?: string | Agent, logins: FindLogin = noLogins): Engine {
  const docker = withLogins(new Dockerode(addressOf(host)), logins)
  const streams = new Set<EngineStream>()
  let pinging: Promise<unknown> | undefined
  const ping = (): Promise<unknown> =>
    (pinging ??= withSignal(docker, AbortSignal.timeout(pingLimitMs))
      .ping()
      .finally(() => (pinging = undefined)))

  const engine: Engine = {
    async ask(question) {
      const patience = new AbortController()
      const giveUp = (): void => {
        patience.abort()
        for (const stream of streams) stream.destroy()
      }
      const timer = setInterval(() => void ping().catch(giveUp), pingEveryMs)
      try {
        return await question(withSignal(docker, patience.signal))
      } catch (error) {
        throw inOurWords(error, host)
      } finally {
        clearInterval(timer)
      }
    },
    async events(filters) {
      const query = { filters: { type: ['container' as const], ...filters } }
      const stream = await engine.ask((asked) => asked.getEvents(query) as Promise<EngineStream>)
      streams.add(stream.once('close', () => streams.delete(stream)))
      return stream
    },
  }
  return engine
}

function withLogins(docker: Dockerode, logins: FindLogin): Dockerode {
  return withDial(docker, (request, callback) => {
    const image = imageOf(request as EngineRequest)
    if (image === undefined) return docker.modem.dial(request, callback)
    void loginFor(image, logins).then((authconfig = request.authconfig) =>
      docker.modem.dial({ ...request, authconfig }, callback),
    )
  })
}

/** The same client, all of whose requests end with `signal`. Only some of dockerode's methods take one by themselves. */
function withSignal(docker: Dockerode, abortSignal: AbortSignal): Dockerode {
  return withDial(docker, (request, callback) => docker.modem.dial({ ...request, abortSignal }, callback))
}

function withDial(docker: Dockerode, dial: Dial): Dockerode {
  const modem: unknown = Object.assign(Object.create(docker.modem), { dial })
  return Object.assign(Object.create(docker), { modem })
}

type Dial = Dockerode['modem']['dial']

/**
 * The logs of `containers/<id>` or `tasks/<id>` as a stream. dockerode's own `logs` does so only for those it follows; others it reads into one
 * buffer, and that can be 20 MB.
 */
export function openLogs(engine: Engine, source: string, options: Record<string, unknown>): Promise<EngineStream> {
  const statusCodes = { 200: true, 404: 'no such container' }
  const request = { path: `/${source}/logs?`, method: 'GET', options, isStream: true, statusCodes }
  return engine.ask(
    (docker) =>
      new Promise((resolve, reject) => {
        docker.modem.dial(request, (error: unknown, stream) =>
          error ? reject(error) : resolve(stream as EngineStream),
        )
      }),
  )
}

export const isRefusal = (error: unknown, httpStatus: number): boolean =>
  error instanceof EngineRefusal && error.httpStatus === httpStatus

/** The answer, or undefined where there is no such thing. */
export const unlessMissing = <T>(answer: Promise<T>): Promise<T | undefined> => unlessRefused(answer, 404)

/** The answer, or undefined where the engine refuses in this way. */
export function unlessRefused<T>(answer: Promise<T>, httpStatus: number): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (isRefusal(error, httpStatus)) return undefined
    throw error
  })
}

/** What is not said here dockerode takes from the environment, as `docker` does: DOCKER_CERT_PATH and its like. */
function addressOf(host: string | Agent | undefined): Dockerode.DockerOptions & { readonly agent?: Agent } {
  if (host === undefined) return {}
  if (host instanceof Agent) return { agent: host, host: 'engine', port: 80, protocol: 'http' }
  const url = URL.parse(host)
  if (url?.protocol === 'unix:') return { socketPath: url.pathname, protocol: 'http', host: undefined }
  if (url?.protocol === 'tcp:') return { host: url.hostname, port: url.port || 2375 }
  throw new SkepError('invalid_request', `"${host}" is not where a Docker engine can be.`, {
    hint: 'Use unix:///run/docker.sock or tcp://host:2375.',
  })
}

function inOurWords(error: unknown, host: string | Agent | undefined): SkepError {
  if (error instanceof SkepError) return error
  const { statusCode, code } = error as { statusCode?: number; code?: string }
  if (statusCode !== undefined) return new EngineRefusal(statusCode, sentenceOf(error), error)
  const where = typeof host === 'string' ? ` at ${host}` : ''
  const [message, hint] =
    code === 'EACCES'
      ? [`This user may not open the Docker engine${where}.`, 'The group of its socket may, usually "docker".']
      : [`The Docker engine${where} does not answer.`, 'Is it running, and is DOCKER_HOST right?']
  return new SkepError('provider_unavailable', message, { hint, cause: error })
}

/** The engine's own words; dockerode puts some before them. */
function sentenceOf(error: unknown): string {
  const { message } = (error as { json?: { message?: string } }).json ?? {}
  return (message ?? messageOf(error).replace(/^\(HTTP code \d+\) .*? - /, '')).trim()
}
