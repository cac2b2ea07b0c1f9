import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { framed, messagesOf } from '../../gateway/buildkit/grpc.ts'
import { traceReader } from '../../gateway/buildkit/trace.ts'
import { readMessage, writeMessage } from '../../gateway/buildkit/wire.ts'

describe('a message of BuildKit', () => {
  it('is read as it was written, however long its parts are', () => {
    const fields = fc.record({ 1: fc.string(), 2: fc.string({ minLength: 120, maxLength: 20_000 }), 16: fc.string() })
    fc.assert(
      fc.property(fields, (texts) => {
        const message = readMessage(writeMessage(texts))
        expect([message.text(1), message.text(2), message.text(16), message.text(3)]).toEqual([
          ...Object.values(texts),
          '',
        ])
      }),
    )
  })

  it('is given up in silence when it is none', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void readMessage(bytes).part(1)?.text(1)))
    const [noise] = traceReader()({ id: 'moby.buildkit.trace', aux: 'no trace at all' })
    expect(noise).toBeUndefined()
  })

  it('comes whole out of a stream, wherever the stream is cut', async () => {
    const cuts = fc.record({ messages: fc.array(fc.uint8Array()), size: fc.integer({ min: 1, max: 9 }) })
    await fc.assert(
      fc.asyncProperty(cuts, async ({ messages, size }) => {
        const sent = Buffer.concat(messages.map(framed))
        const pieces = async function* () {
          for (let at = 0; at < sent.length; at += size) yield sent.subarray(at, at + size)
        }
        const received: Buffer[] = []
        for await (const message of messagesOf(pieces())) received.push(message)
        expect(received.map((one) => [...one])).toEqual(messages.map((one) => [...one]))
      }),
    )
  })
})
