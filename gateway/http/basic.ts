export interface Basic {
  readonly user: string | undefined
  readonly password: string
}

/** What stands in Basic credentials (RFC 7617): the password may have colons in it, the user none. */
export function basicOf(authorization: string | undefined): Basic | undefined {
  const [scheme, credentials = ''] = (authorization ?? '').split(' ', 2)
  if (scheme?.toLowerCase() !== 'basic') return undefined
  const text = Buffer.from(credentials, 'base64').toString()
  const [user] = text.split(':', 1)
  return { user: user || undefined, password: text.slice((user?.length ?? 0) + 1) }
}
