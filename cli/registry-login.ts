import { SkepError } from '../gateway/core/errors.ts'

/** As `docker login` stored it; empty where nobody logged in. */
export interface Login {
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
}

/** The `Authorization` that a registry's challenge asks for: Basic, or a token of the server that it names. */
export async function authorizationFor(challenge: string, login: Login): Promise<string> {
  if (!/^bearer /i.test(challenge)) return basic(login)
  const fields = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]))
  const { realm = '', service = '', scope = '' } = fields as Partial<Record<string, string>>
  const answer =
    login.identitytoken === undefined
      ? await askedFor(realm, { service, scope }, login)
      : await renewed(realm, { service, scope }, login.identitytoken)
  const { token, access_token: accessToken = token } = (await answer.json().catch(() => ({}))) as Partial<
    Record<string, string>
  >
  if (answer.ok && accessToken !== undefined) return `Bearer ${accessToken}`
  throw new SkepError('push_failed', `The registry's login at ${realm} answers ${answer.status}.`, {
    hint: 'Log in with "docker login".',
  })
}

const basic = ({ username = '', password = '' }: Login) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

type Scope = Readonly<{ service: string; scope: string }>

const askedFor = (realm: string, scope: Scope, login: Login) =>
  fetch(`${realm}?${new URLSearchParams(scope).toString()}`, {
    headers: login.username ? { Authorization: basic(login) } : {},
  })

const renewed = (realm: string, scope: Scope, refreshToken: string) =>
  fetch(realm, {
    method: 'POST',
    body: new URLSearchParams({
      ...scope,
      client_id: 'skep',
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    }),
  })
