const functionPrefix = '/function/'
const asyncPrefix = '/async-function/'

/** Anything but printable ASCII and bytes above it: a target ends at a blank, and nothing honest sends a control byte. */
const unprintable = /[^!-~\x80-\xff]/

/**
 * What one reader of a path takes for a border and another does not: empty and dot segments (with `;` parameters too),
 * backslashes and fragments, and the same things encoded.
 */
const ambiguous = /[\\#]|\/\/|%(?:2f|5c|00)|\/(?:\.|%2e){1,2}(?:[/;]|$)/i

/**
 * Why this request target must not be routed, as a sentence; undefined when every reader reads it alike.
 * A query is data of the function and may hold anything printable.
 */
export function targetProblem(target: string): string | undefined {
  if (target.charCodeAt(0) !== 47) return 'The request target must be a path that begins with "/".'
  if (unprintable.test(target)) return 'The request target has characters that must be percent-encoded.'
  if (ambiguous.test(pathOf(target))) {
    return 'The path has "//", "\\", "#", a dot segment, or an encoded slash, backslash or NUL.'
  }
  return undefined
}

export const isFunctionTarget = (target: string): boolean => target.startsWith(functionPrefix)

/** `/function/hello/a?b` is the function `hello` and the target `/a?b` for it. */
export const splitFunctionTarget = (target: string) => split(target, functionPrefix.length)

export const isAsyncTarget = (target: string): boolean => target.startsWith(asyncPrefix)

/** Docker asks `/v2/`, and some clients `/v2`. */
export const isRegistryTarget = (target: string): boolean => target.startsWith('/v2/') || target === '/v2'

/** The same of `/async-function/hello/a?b`. */
export const splitAsyncTarget = (target: string) => split(target, asyncPrefix.length)

function split(target: string, start: number): { name: string; rest: string } {
  let end = start
  while (end < target.length && target[end] !== '/' && target[end] !== '?') end++
  const name = target.slice(start, end)
  const rest = target.slice(end)
  return { name, rest: rest.startsWith('/') ? rest : `/${rest}` }
}

function pathOf(target: string): string {
  const query = target.indexOf('?')
  return query < 0 ? target : target.slice(0, query)
}
