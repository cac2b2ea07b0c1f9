const maxDepth = 5

/** `a=1&b[c]=2&d[]=3` as `{ a: '1', b: { c: '2' }, d: ['3'] }`, which is how Express reads a query and a form. */
export function fieldsOf(text) {
  const fields = {}
  for (const [name, value] of new URLSearchParams(text)) {
    const keys = keysOf(name)
    if (!keys.some((key) => key in Object.prototype)) put(fields, keys, value)
  }
  return fields
}

function keysOf(name) {
  const [, first, rest] = /^([^[]+)((?:\[[^[\]]*\])+)$/.exec(name) ?? []
  const inner = rest?.slice(1, -1).split('][') ?? []
  return first === undefined || inner.length > maxDepth ? [name] : [first, ...inner]
}

function put(target, [key, next, ...rest], value) {
  const at = key === '' ? Object.keys(target).length : key
  if (next === undefined) target[at] = at in target ? [target[at], value].flat() : value
  else put((target[at] = placeFor(next, target[at])), [next, ...rest], value)
}

/** A list for `[]` and `[0]`, `[1]`, …; an object for any other key, and for a list with a hole. */
function placeFor(key, there) {
  const isList = (length) => key === '' || Number(key) <= length
  if (Array.isArray(there)) return isList(there.length) ? there : { ...there }
  if (typeof there === 'object') return there
  return isList(0) ? [] : {}
}
