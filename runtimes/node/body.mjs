const nothing = Buffer.alloc(0)

/** Hands over the whole body; `undefined` if it is larger than allowed. Never calls back for a caller who left before its end. */
export function readBody(request, maxBytes, done) {
  const announced = request.headers['content-length']
  if (announced === undefined && request.headers['transfer-encoding'] === undefined) return done(nothing)
  if (Number(announced) > maxBytes) return done(undefined)
  const chunks = []
  let bytes = 0
  request.on('data', (chunk) => {
    bytes += chunk.length
    if (bytes > maxBytes) {
      request.removeAllListeners('data').removeAllListeners('end').resume()
      return done(undefined)
    }
    chunks.push(chunk)
  })
  request.on('end', () => done(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, bytes)))
}
