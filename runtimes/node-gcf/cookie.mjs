/** A Set-Cookie header, with the options of Express; `maxAge` is in milliseconds. */
export function cookie(name, value, { path = '/', maxAge, expires, ...rest } = {}) {
  const until = maxAge === undefined ? expires : new Date(Date.now() + maxAge)
  const text = typeof value === 'object' ? `j:${JSON.stringify(value)}` : String(value)
  return [
    `${name}=${encodeURIComponent(text)}`,
    maxAge !== undefined && `Max-Age=${Math.floor(maxAge / 1000)}`,
    rest.domain && `Domain=${rest.domain}`,
    `Path=${path}`,
    until && `Expires=${until.toUTCString()}`,
    rest.httpOnly && 'HttpOnly',
    rest.secure && 'Secure',
    rest.sameSite && `SameSite=${rest.sameSite === true ? 'Strict' : capital(rest.sameSite)}`,
  ]
    .filter(Boolean)
    .join('; ')
}

const capital = (word) => word[0].toUpperCase() + word.slice(1).toLowerCase()
