/**
 * Reads routes as API Gateway writes them, `GET /todos/{id}, ANY /files/{path+}`. Returns what finds the first one that fits a
 * request, as `{ key, resource, parameters }`.
 */
export function routesOf(text = '') {
  const written = text.split(',').map((route) => route.trim())
  const routes = written.filter((route) => route !== '').map(parse)
  return (method, path) => {
    for (const { wanted, names, pattern, key, resource } of routes) {
      const found = (wanted === method || wanted === 'ANY') && pattern.exec(path)
      if (!found) continue
      const parameters = names.map((name, i) => [name, decoded(found[i + 1])])
      return { key, resource, parameters: names.length > 0 ? Object.fromEntries(parameters) : undefined }
    }
  }
}

function parse(key) {
  const [, wanted, resource] = /^([A-Z]+)\s+(\/\S*)$/.exec(key) ?? []
  if (!resource)
    throw new Error(`LAMBDA_ROUTES has "${key}"; write routes as in "GET /todos/{id}, ANY /files/{path+}".`)
  const names = []
  const source = resource.replace(/\{([^{}+]+)(\+?)\}|[.*+?^${}()|[\]\\]/g, (part, name, isGreedy) => {
    if (name === undefined) return `\\${part}`
    names.push(name)
    return isGreedy ? '(.+)' : '([^/]+)'
  })
  return { key: `${wanted} ${resource}`, wanted, resource, names, pattern: new RegExp(`^${source}$`) }
}

function decoded(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // as the caller wrote it
  }
}
