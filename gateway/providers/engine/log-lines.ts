export interface Line {
  readonly at: Date
  /** Without its end. */
  readonly text: string
}

/** A function that writes without ever ending a line must not fill the gateway's memory. */
const longestLine = 1024 * 1024
const headerBytes = 8

/**
 * Lines out of the engine's log stream: frames of an 8-byte header (the first byte says stdout or stderr, the last four
 * how long) and a piece of text that begins with a timestamp. A long line comes in several pieces, all but the last
 * without a line end.
 */
export async function* linesOf(stream: NodeJS.ReadableStream): AsyncGenerator<Line> {
  const open = new Map<number, Line>()
  for await (const { source, text } of framesOf(stream)) {
    const line = joined(open.get(source), text)
    const ended = line.text.endsWith('\n')
    open.delete(source)
    if (ended) yield { at: line.at, text: line.text.replace(/\r?\n$/, '') }
    else if (line.text.length >= longestLine) yield line
    else open.set(source, line)
  }
  yield* open.values()
}

function joined(begun: Line | undefined, piece: string): Line {
  const blank = piece.indexOf(' ')
  const text = piece.slice(blank + 1)
  return begun ? { at: begun.at, text: begun.text + text } : { at: new Date(piece.slice(0, blank)), text }
}

async function* framesOf(stream: NodeJS.ReadableStream): AsyncGenerator<{ source: number; text: string }> {
  let buffer = Buffer.alloc(0)
  for await (const chunk of stream) {
    buffer = Buffer.concat([buffer, chunk as Buffer])
    let begin = 0
    while (buffer.length >= begin + headerBytes) {
      const end = begin + headerBytes + buffer.readUInt32BE(begin + 4)
      if (buffer.length < end) break
      yield { source: buffer.readUInt8(begin), text: buffer.toString('utf8', begin + headerBytes, end) }
      begin = end
    }
    buffer = buffer.subarray(begin)
  }
}
