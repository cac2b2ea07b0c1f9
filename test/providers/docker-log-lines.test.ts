import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { linesOf } from '../../gateway/providers/engine/log-lines.ts'

const stamp = '2026-11-21T10:00:00.123456789Z'

const frame = (source: 1 | 2, text: string): Buffer => {
  const body = Buffer.from(`${stamp} ${text}`)
  const header = Buffer.from([source, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(body.length, 4)
  return Buffer.concat([header, body])
}

async function read(stream: Buffer, cuts: readonly number[] = []): Promise<string[]> {
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).toSorted((a, b) => a - b), stream.length]
  const chunks = places.slice(1).map((end, i) => stream.subarray(places[i], end))
  const lines: string[] = []
  for await (const { text } of linesOf(Readable.from(chunks))) lines.push(text)
  return lines
}

it('reads the same lines however the stream is cut', async () => {
  const stream = Buffer.concat([
    frame(1, 'größer\n'),
    frame(2, 'a long li'),
    frame(1, '\n'),
    frame(2, 'ne\r\n'),
    frame(1, 'open'),
  ])
  const cuts = fc.array(fc.nat(), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(cuts, async (places) => {
      expect(await read(stream, places)).toEqual(['größer', '', 'a long line', 'open'])
    }),
  )
})

it('keeps the time of the first piece', async () => {
  for await (const { at } of linesOf(Readable.from([frame(1, 'now\n')]))) {
    expect(at).toEqual(new Date('2026-11-21T10:00:00.123Z'))
  }
  expect.assertions(1)
})

it('does not wait for the end of a line that has none', async () => {
  const piece = 'x'.repeat(16 * 1024)
  const lines = await read(Buffer.concat(Array.from({ length: 100 }, () => frame(1, piece))))
  expect(lines.map(({ length }) => length)).toEqual([1024 * 1024, 36 * 16 * 1024])
})
