import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SkepError } from '../../gateway/core/errors.ts'
import { AnswerParser } from '../../gateway/http/answer-parser.ts'

interface Read {
  readonly heads: string[]
  body: string
  trailers: readonly string[] | undefined
  /** Where the answer ended. */
  end: number
}

/** What a parser makes of these bytes when they come in pieces cut at these places. */
function read(bytes: Buffer, cuts: readonly number[]): Read {
  const result: Read = { heads: [], body: '', trailers: undefined, end: 0 }
  const parser = new AnswerParser('GET', {
    onInformational: (head) => result.heads.push(JSON.stringify(head)),
    onSwitch: () => {},
    onHead: (head) => result.heads.push(JSON.stringify(head)),
    onPiece: (piece) => (result.body += piece.toString('latin1')),
    onAnswered: (trailers) => (result.trailers = trailers),
  })
  const places = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length]
  for (let i = 1; i < places.length && !parser.ended; i++) {
    const piece = bytes.subarray(places[i - 1], places[i])
    result.end += parser.read(piece)
  }
  return result
}

const headers = fc.array(fc.constantFrom('X-A: 1', 'Set-Cookie: a=b; c', 'x-empty:', 'X-Long: ' + 'y'.repeat(300)))
const informational = fc.constantFrom(
  '',
  'HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
)
const pieces = fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }), { maxLength: 6 })

const inChunks = pieces.map((parts) => ({
  body: parts.join(''),
  framing: 'Transfer-Encoding: chunked',
  bytes: `${parts.map((part) => `${part.length.toString(16)};x=y\r\n${part}\r\n`).join('')}0\r\nX-Sum: 1\r\n\r\n`,
  trailers: ['X-Sum', '1'],
}))
const withLength = pieces.map((parts) => ({
  body: parts.join(''),
  framing: `Content-Length: ${parts.join('').length}`,
  bytes: parts.join(''),
  trailers: [] as string[],
}))

describe('an answer', () => {
  it('is read alike however the network cuts it, and not a byte too far', () => {
    const answer = fc.record({ before: informational, headers, content: fc.oneof(inChunks, withLength) })
    fc.assert(
      fc.property(answer, fc.array(fc.nat(), { maxLength: 20 }), fc.string({ maxLength: 5 }), (given, cuts, after) => {
        const head = ['HTTP/1.1 200 OK', ...given.headers, given.content.framing].join('\r\n')
        const answered = `${given.before}${head}\r\n\r\n${given.content.bytes}`
        const whole = read(Buffer.from(answered, 'latin1'), [])
        expect(whole).toMatchObject({ body: given.content.body, trailers: given.content.trailers })
        const cut = read(Buffer.from(answered + after, 'latin1'), cuts)
        expect(cut).toEqual({ ...whole, end: answered.length })
      }),
      { numRuns: 1000 },
    )
  })

  it('of any bytes at all is read or refused, and nothing else happens', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.constantFrom('HTTP/1.1 200 OK', '\r\n', '\r\n\r\n', 'Content-Length: 3', ':', 'a', '5', '\0', '\n'), {
        maxLength: 30,
      }),
    )
    fc.assert(
      fc.property(bytes, (given) => {
        const buffer = Array.isArray(given) ? Buffer.from(given.join('')) : Buffer.from(given)
        fc.pre(buffer.length > 0)
        expect(isReadOrRefused(buffer)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})

/** Whether these bytes were read up to somewhere within them, or refused as invalid. */
function isReadOrRefused(bytes: Buffer): boolean {
  try {
    return read(bytes, []).end <= bytes.length
  } catch (error) {
    return error instanceof SkepError && error.code === 'upstream_invalid'
  }
}
