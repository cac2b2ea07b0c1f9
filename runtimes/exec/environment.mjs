/** What a program is told of its request: CGI's variables (RFC 3875), and those of OpenFaaS' classic watchdog. */
export function environmentOf({ method, url, headers, raw }) {
  const mark = url.indexOf('?')
  const path = mark === -1 ? url : url.slice(0, mark)
  const query = mark === -1 ? '' : url.slice(mark + 1)
  const told = {
    ...process.env,
    GATEWAY_INTERFACE: 'CGI/1.1',
    SERVER_PROTOCOL: 'HTTP/1.1',
    REQUEST_METHOD: method,
    PATH_INFO: path,
    QUERY_STRING: query,
    CONTENT_TYPE: headers['content-type'] ?? '',
    CONTENT_LENGTH: String(raw.length),
    Http_Method: method,
    Http_Path: path,
    Http_Query: query,
    Http_ContentLength: String(raw.length),
  }
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'proxy') continue // HTTP_PROXY is where many programs look for their proxy (CVE-2016-5385)
    const key = name.replaceAll('-', '_')
    told[`HTTP_${key.toUpperCase()}`] = told[`Http_${capitals(key)}`] = String(value)
  }
  return told
}

const capitals = (key) => key.replace(/(^|_)[a-z]/g, (start) => start.toUpperCase())
