import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { extract, type Headers, pack } from 'tar-stream'
import { SkepError } from '../core/errors.ts'
import { entryCheck } from './entry-check.ts'

const maxEntries = 20_000

export interface ContextLimits {
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/**
 * Writes what a caller sends to `file`, entry by entry after a check of each: it is a tar of our own writing that is built,
 * so that no two readers can see different things in it.
 */
export async function keepContext(
  sent: AsyncIterable<Uint8Array>,
  file: string,
  { maxBytes, signal }: ContextLimits,
): Promise<void> {
  const reader = extract()
  const writer = pack()
  const check = entryCheck(maxEntries)
  const take = async (header: Headers, content: Readable, next: Next) =>
    next(await copyEntry(header, content).catch(asError))
  reader.on('entry', (header, content, next) => void take(header, content, next))
  reader.once('finish', () => writer.finalize())
  const copyEntry = async (header: Headers, content: Readable): Promise<void> => {
    const { mode = 0, size } = header
    const type = header.type ?? 'file'
    const linkname = header.linkname ?? undefined
    const name = check({ name: header.name, type, linkname })
    const isFile = type === 'file'
    const kept = { name, type, mode: isFile && (mode & 0o111) === 0 ? 0o644 : 0o755, mtime: new Date(0) }
    const entry = writer.entry({ ...kept, ...(isFile && { size }), ...(linkname && { linkname }) })
    if (isFile) await pipeline(content, entry)
    else content.resume()
  }
  const written = pipeline(writer, createWriteStream(file, { mode: 0o600 }), { signal })
  const read = pipeline(Readable.from(limited(sent, maxBytes)), reader, { signal })
  try {
    await Promise.all([read, written])
  } catch (error) {
    reader.destroy()
    writer.destroy()
    await finished(writer).catch(() => {})
    throw inOurWords(error)
  }
}

type Next = (error?: Error | void) => void

const asError = (error: Error): Error => error

async function* limited(sent: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of sent) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    yield chunk
  }
}

const tooLarge = (maxBytes: number): SkepError =>
  new SkepError('body_too_large', `The folder is larger than the ${maxBytes} bytes that a build may be sent.`, {
    hint: 'Name in .dockerignore what the image does not need, or raise SKEP_BUILD_MAX.',
  })

function inOurWords(error: unknown): unknown {
  if (error instanceof SkepError || (error as Error).name === 'AbortError') return error
  if (/tar header|unexpected end/i.test((error as Error).message)) {
    return new SkepError('invalid_request', 'What was sent is no tar archive, or not all of one.', {
      cause: error,
      hint: 'Send the folder again, as `tar` packs it.',
    })
  }
  return error
}
