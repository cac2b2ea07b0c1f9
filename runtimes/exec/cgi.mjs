export const endOfHead = (written) => /\r?\n\r?\n/.exec(written.toString('latin1'))

/** `Status: 201`, `Content-Type: …` and other headers, an empty line, the body. No type, no body (RFC 3875, 6.3.1). */
export function readHead(written) {
  const end = endOfHead(written)
  if (!end) throw new Error('The program wrote no head: in mode "cgi" headers come first, then an empty line.')
  const headers = {}
  let status = 200
  for (const line of written.toString('utf8', 0, end.index).split(/\r?\n/)) {
    const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? []
    if (name === undefined) throw new Error(`The program wrote "${line}" where mode "cgi" expects a header.`)
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10)
    else headers[name] = name in headers ? [headers[name], value].flat() : value
  }
  const start = written.subarray(end.index + end[0].length)
  const hasBody = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  if (!hasBody && start.length > 0) throw new Error('The program wrote a body, but no Content-Type before it.')
  return { status, headers, start, hasBody }
}
