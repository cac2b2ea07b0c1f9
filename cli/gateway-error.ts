import type { IncomingMessage } from 'node:http'
import { errorCodes, SkepError, type ErrorCode } from '../gateway/core/errors.ts'
import { bodyOf } from './http-request.ts'

/** What a gateway says when it refuses: Skep's JSON, or the plain text of an OpenFaaS gateway. */
export interface ErrorBody {
  readonly code?: string
  readonly error?: string
  readonly hint?: string
  readonly detail?: string
}

export async function refusal(answer: IncomingMessage, gateway: string): Promise<SkepError> {
  const text = await bodyOf(answer)
  if (answer.statusCode === 401) return notLoggedIn(gateway)
  const { statusCode: status = 500, headers } = answer
  const { location } = headers
  if (status < 400 && location !== undefined && URL.canParse(location, gateway)) return elsewhere(gateway, location)
  if (isPage(answer)) return noGateway(gateway, { status })
  return errorFrom(bodyFrom(text, `${gateway} answers ${answer.statusCode}`), answer.statusCode)
}

/** Undefined for what the gateway does not have. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof SkepError && error.status === 404) return undefined
    throw error
  }
}

export function errorFrom({ code, error, hint, detail }: ErrorBody, status = 500): SkepError {
  const message = error ?? `The gateway answers ${status}.`
  const adds = detail?.split('\n').some((line) => !message.includes(line))
  return new SkepError(knownCode(code) ?? codeOf(status), message, {
    hint,
    ...(adds && { detail }),
  })
}

function bodyFrom(text: string, who: string): ErrorBody {
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null) return body
  } catch {
    // Plain text: an OpenFaaS gateway, or a proxy in front of ours.
  }
  return {
    error: text.trim() === '' ? `${who}.` : `${who}: ${text.trim()}`,
    hint: 'If that is no gateway, name another with --gateway or OPENFAAS_URL.',
  }
}

/** A page is for people: it comes from a proxy, or from a server of another kind. */
export const isPage = ({ headers }: IncomingMessage): boolean =>
  headers['content-type']?.startsWith('text/html') ?? false

export function noGateway(url: string, { status = 200, cause }: { status?: number; cause?: unknown }) {
  const what = status < 300 ? '' : ` It answers ${status}.`
  return new SkepError('upstream_invalid', `What answers at ${url} is not a gateway.${what}`, {
    cause,
    hint: 'Name the gateway with --gateway or OPENFAAS_URL; if that is a proxy in front of it, see its log.',
  })
}

const elsewhere = (gateway: string, location: string) =>
  new SkepError('upstream_invalid', `${gateway} points to ${location}.`, {
    hint: `If the gateway is there, name that: --gateway ${new URL(location, gateway).origin}`,
  })

const knownCode = (code: string | undefined) => errorCodes.find((known) => known === code)

const codeOf = (status: number): ErrorCode =>
  status === 400 ? 'invalid_request' : status === 404 ? 'not_found' : status === 409 ? 'conflict' : 'upstream_failed'

const notLoggedIn = (gateway: string) =>
  new SkepError('unauthorized', `The gateway at ${gateway} does not accept these credentials.`, {
    hint: `Log in with "skep login --gateway ${gateway}"; the gateway shows its password when it starts for the first time.`,
  })
