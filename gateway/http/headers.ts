/** Whether a name, in any case, is one of these (in lower case); most others are told apart by their length alone. */
export function oneOf(names: readonly string[]): (name: string) => boolean {
  const known = new Set(names)
  let lengths = 0
  for (const name of names) lengths |= 1 << name.length
  return (name) => ((lengths >>> name.length) & 1) === 1 && known.has(name.toLowerCase())
}

/** Headers that end with the connection they came on (RFC 9110 §7.6.1 and the list of RFC 2616 §13.5.1). */
export const hopByHop = [
  'connection',
  'proxy-connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
] as const

export const isHopByHop = oneOf(hopByHop)

/** Fields that would change how a message is read, or who it is from: as trailers they are dropped (RFC 9110 §6.5.1). */
const notInTrailers =
  /^(?:connection|keep-alive|te|trailer|transfer-encoding|upgrade|host|expect|authorization|cookie|set-cookie|forwarded|(?:content|proxy|x-forwarded|x-skep)-.*|x-call-id|x-start-time)$/i

export const isTrailer = (name: string): boolean => !notInTrailers.test(name)

/** The headers that a `Connection` header declares hop-by-hop, in lower case; undefined when it names none. */
export function namedByConnection(value: string | undefined): ReadonlySet<string> | undefined {
  if (value === undefined || value === 'keep-alive' || value === 'close') return undefined
  const names = tokensOf(value).filter((name) => name !== 'keep-alive' && name !== 'close')
  return names.length === 0 ? undefined : new Set(names)
}

/** The members of a list such as `keep-alive, X-Drop`, in lower case. */
export function tokensOf(value: string): string[] {
  return value
    .toLowerCase()
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '')
}
