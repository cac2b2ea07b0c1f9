/** The user in Basic credentials that were found to be right. */
export function userOf(authorization: string | undefined): string | undefined {
  const [scheme, credentials = ''] = (authorization ?? '').split(' ', 2)
  if (scheme?.toLowerCase() !== 'basic') return undefined
  return Buffer.from(credentials, 'base64').toString().split(':', 1)[0] || undefined
}
