import type { IncomingMessage } from 'node:http'
import type { FunctionStatus, GatewayInfo, LogMessage } from './gateway-api.ts'
import { isPage, noGateway, refusal } from './gateway-error.ts'
import { bodyOf, request, type RequestOptions } from './http-request.ts'
import { foundIn } from './namespaces.ts'
import { linesOf } from './ndjson.ts'

export interface AskOptions extends RequestOptions {
  /** Sent as the body. */
  readonly json?: unknown
}

export interface GatewayClient {
  readonly url: string
  /** A request with credentials; rejects with what the gateway says when it refuses. */
  ask(path: string, options: AskOptions): Promise<IncomingMessage>
  /** The same for what is answered with JSON. */
  read<T>(path: string, options?: AskOptions): Promise<T>
  info(): Promise<GatewayInfo>
  list(namespace?: string): Promise<FunctionStatus[]>
  describe(name: string, namespace?: string): Promise<FunctionStatus>
  scale(name: string, replicas: number, namespace?: string): Promise<void>
  remove(name: string, namespace?: string): Promise<void>
  logs(query: Readonly<Record<string, string | undefined>>): AsyncGenerator<LogMessage>
  /** A request to a function, without credentials; the answer is the function's own, whatever its status. */
  call(path: string, options: RequestOptions): Promise<IncomingMessage>
}

export interface ClientOptions {
  readonly url: string
  readonly authorization: string | undefined
  readonly tlsNoVerify: boolean
}

export function gatewayClient({ url, authorization, tlsNoVerify }: ClientOptions): GatewayClient {
  const ask = async (path: string, options: AskOptions = {}): Promise<IncomingMessage> => {
    const { json, ...others } = options
    const headers = {
      ...others.headers,
      ...(authorization !== undefined && { Authorization: authorization }),
      ...(json !== undefined && { 'Content-Type': 'application/json' }),
    }
    const body = json === undefined ? {} : { body: JSON.stringify(json) }
    const answer = await request(url + path, { ...others, ...body, headers, tlsNoVerify })
    if ((answer.statusCode ?? 500) < 300 && !isPage(answer)) return answer
    throw await refusal(answer, url)
  }
  const read = async <T>(path: string, options: AskOptions = {}) =>
    parsed<T>(await bodyOf(await ask(path, options)), url)
  const tell = async (path: string, method: string, json: unknown) =>
    void (await bodyOf(await ask(path, { method, json })))

  return {
    url,
    ask,
    read,
    info: () => read('/system/info'),
    list: async (namespace) =>
      foundIn({ read }, namespace, await read<FunctionStatus[]>(`/system/functions${query({ namespace })}`)),
    describe: async (name, namespace) => read(`/system/function/${segment(name)}${query({ namespace, usage: '1' })}`),
    scale: (name, replicas, namespace) =>
      tell(`/system/scale-function/${segment(name)}`, 'POST', { serviceName: name, replicas, namespace }),
    remove: (name, namespace) => tell('/system/functions', 'DELETE', { functionName: name, namespace }),
    async *logs(wanted) {
      for await (const line of linesOf(await ask(`/system/logs${query(wanted)}`))) yield parsed<LogMessage>(line, url)
    },
    call: (path, options) => request(url + path, { ...options, tlsNoVerify }),
  }
}

const segment = encodeURIComponent

function query(values: Readonly<Record<string, string | undefined>>): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) if (value !== undefined) given.set(name, value)
  return given.size === 0 ? '' : `?${given.toString()}`
}

/** The gateway is our own other half, so what it answers is taken as its type; but it has to be a gateway. */
function parsed<T>(text: string, url: string): T {
  try {
    return JSON.parse(text) as T
  } catch (cause) {
    throw noGateway(url, { cause })
  }
}
