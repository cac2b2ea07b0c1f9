/** The value of the first header of that name (in lower case) in a list of name, value, name, value … */
export function headerValue(headers: readonly string[], name: string): string | undefined {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const candidate = headers[i]
    if (candidate?.length === name.length && candidate.toLowerCase() === name) return headers[i + 1]
  }
  return undefined
}
