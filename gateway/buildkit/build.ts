import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { dial, type Modem } from './dial.ts'
import { openSession, type Answers } from './session.ts'

/**
 * Whether the engine has a BuildKit and shall use it: all have one since version 18.09, and those that say which builder they
 * prefer are heeded. What only looks like Docker (Podman) does not say.
 */
export async function offersBuildKit(modem: Modem): Promise<boolean> {
  const request = { path: '/_ping', method: 'GET', isStream: true, statusCodes: { 200: true } } as const
  const pong = await dial<IncomingMessage>(modem, request)
  pong.resume()
  const { 'builder-version': preferred, 'api-version': version, ostype, server } = pong.headers
  if (preferred !== undefined) return preferred === '2'
  const [major = 0, minor = 0] = String(version).split('.').map(Number)
  return ostype === 'linux' && String(server).startsWith('Docker/') && (major > 1 || minor >= 39)
}

export interface BuildStart {
  /** A tar. */
  readonly context: Readable
  /** As the engine's API names them. */
  readonly settings: object
  readonly answers: Answers
}

/** Starts a build; the stream says how it goes on, one JSON document a line. Who destroys it ends the build. */
export async function startBuild(modem: Modem, { context, settings, answers }: BuildStart): Promise<IncomingMessage> {
  const session = await openSession(modem, answers)
  try {
    const stream = await dial<IncomingMessage>(modem, {
      path: '/build?',
      method: 'POST',
      file: context,
      options: { ...settings, version: '2', session: session.id },
      isStream: true,
      statusCodes: { 200: true, 500: 'server error' },
    })
    return stream.once('close', session.close)
  } catch (error) {
    session.close()
    throw error
  }
}
