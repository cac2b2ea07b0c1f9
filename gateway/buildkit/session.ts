import { performServerHandshake, type ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import { dial, type Modem } from './dial.ts'
import { forwardAgent } from './ssh-agent.ts'
import { framed, grpcHeaders, messagesOf } from './grpc.ts'
import { readMessage, writeMessage, type Message } from './wire.ts'

/** What a build may ask of whoever wants it. */
export interface Answers {
  /** The login for a registry that a base image comes from. */
  readonly login?: (host: string) => Promise<Login>
  /** By the names of `RUN --mount=type=secret`. */
  readonly secrets?: ReadonlyMap<string, Uint8Array>
  /** The socket of an SSH agent, for `RUN --mount=type=ssh`. */
  readonly sshAgent?: string | undefined
}

interface Login {
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
}

export interface Session {
  readonly id: string
  readonly close: () => void
}

/**
 * A BuildKit asks back over a connection of its own, also for what nobody has: without a session it pulls nothing from a
 * registry that hands out tokens, Docker Hub for one. It speaks gRPC there, and we are the server.
 */
export async function openSession(modem: Modem, answers: Answers): Promise<Session> {
  const id = crypto.randomUUID()
  const methods = methodsFor(answers)
  const connection = await dial<Duplex>(modem, {
    path: '/session',
    method: 'POST',
    hijack: true,
    headers: {
      Upgrade: 'h2c',
      'X-Docker-Expose-Session-Uuid': id,
      'X-Docker-Expose-Session-Name': 'skep',
      'X-Docker-Expose-Session-Grpc-Method': [...methods.keys()],
    },
    statusCodes: {},
  })
  const session = performServerHandshake(connection)
  const close = (): void => void connection.destroy()
  // A build that goes on without us says itself what it misses.
  connection.on('error', close)
  session.on('error', close)
  session.on('stream', (stream, headers) => {
    stream.on('error', () => {}) // the engine needs no answer any more
    const answer = methods.get(String(headers[':path']))
    if (answer) answer(stream)
    else refuse(stream, unimplemented)
  })
  return { id, close }
}

const notFound = '5'
const unimplemented = '12'

type Method = (stream: ServerHttp2Stream) => void

function methodsFor({ login, secrets, sshAgent }: Answers): ReadonlyMap<string, Method> {
  const serving = async () => Buffer.from([8, 1])
  const credentials = async (asked: Message) => loginMessage(await login?.(asked.text(1)))
  const secret = async (asked: Message) => {
    const found = secrets?.get(asked.text(1))
    return found && writeMessage({ 1: found })
  }
  const methods = new Map<string, Method>()
  methods.set('/grpc.health.v1.Health/Check', reply(serving))
  methods.set('/moby.filesync.v1.Auth/Credentials', reply(credentials))
  methods.set('/moby.buildkit.secrets.v1.Secrets/GetSecret', reply(secret))
  if (sshAgent === undefined) return methods
  const yes = async () => Buffer.alloc(0)
  methods.set('/moby.sshforward.v1.SSH/CheckAgent', reply(yes))
  methods.set('/moby.sshforward.v1.SSH/ForwardAgent', (stream) => void forwardAgent(stream, sshAgent))
  return methods
}

const loginMessage = ({ username = '', password = '', identitytoken }: Login = {}): Buffer =>
  identitytoken === undefined ? writeMessage({ 1: username, 2: password }) : writeMessage({ 2: identitytoken })

/** One question, one answer; undefined: there is no such thing. */
function reply(answer: (asked: Message) => Promise<Buffer | undefined>): Method {
  const serve = async (stream: ServerHttp2Stream): Promise<void> => {
    const { value } = await messagesOf(stream).next()
    const bytes = value && (await answer(readMessage(value)))
    if (!bytes) return refuse(stream, notFound)
    stream.respond(grpcHeaders, { waitForTrailers: true })
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(framed(bytes))
  }
  return (stream) => void serve(stream).catch((error: Error) => stream.destroy(error))
}

function refuse(stream: ServerHttp2Stream, status: string): void {
  stream.respond({ ...grpcHeaders, 'grpc-status': status }, { endStream: true })
}
