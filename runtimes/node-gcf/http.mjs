const ignored = new Set(['/favicon.ico', '/robots.txt'])

/** Calls a function of (request, response), both as Express has them; it writes the answer itself. */
export async function callWithRequest(call, request) {
  if (ignored.has(request.path)) return { statusCode: 404, body: '' }
  const { res: response, exchange } = request
  const written = new Promise((resolve, reject) => response.on('close', resolve).on('error', reject))
  ownHeadersFirst(response, exchange)
  try {
    await Promise.all([call(request, response), written])
  } catch (error) {
    if (!response.headersSent) throw error
    console.error(error)
    if (!response.writableEnded) response.destroy() // the answer is cut where it broke
  }
  return response
}

/** On the response itself, because an Express application gives it another prototype. */
function ownHeadersFirst(response, exchange) {
  const { writeHead } = response
  response.writeHead = (...given) => {
    const fields = exchange.fields()
    for (let i = 0; i < fields.length; i += 2) response.setHeader(fields[i], fields[i + 1])
    return writeHead.apply(response, given)
  }
}
