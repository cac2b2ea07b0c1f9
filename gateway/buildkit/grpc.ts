/** Of every answer; trailers then say how it ended. */
export const grpcHeaders = { ':status': 200, 'content-type': 'application/grpc' }

const headerBytes = 5

/** A message as gRPC sends it: whether it is compressed, its length, itself. */
export function framed(message: Uint8Array): Buffer {
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32BE(message.length, 1)
  return Buffer.concat([header, message])
}

export async function* messagesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0)
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= headerBytes) {
      const end = headerBytes + rest.readUInt32BE(1)
      if (rest.length < end) break
      yield rest.subarray(headerBytes, end)
      rest = rest.subarray(end)
    }
  }
}
