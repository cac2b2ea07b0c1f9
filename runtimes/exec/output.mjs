import { PassThrough } from 'node:stream'
import { endOfHead, readHead } from './cgi.mjs'

const heldBytes = 64 * 1024
const plain = { 'Content-Type': process.env.content_type ?? 'text/plain; charset=utf-8' }

/** When the answer may begin before the program has ended or written 64 KB. */
const isEnough = {
  serializing: () => false,
  streaming: (held) => held.length > 0,
  cgi: (held) => endOfHead(held) !== null,
}

/**
 * The answer in what a program writes. An exit status that is not 0 becomes a 500 as long as nothing was sent; later, the
 * answer is cut short.
 */
export async function outputOf(stdout, ended, mode) {
  try {
    const { held, isWhole } = await hold(stdout, isEnough[mode])
    if (isWhole) await ended
    if (mode !== 'cgi')
      return isWhole && held.length === 0 ? undefined : answer(200, plain, isWhole ? held : rest(held))
    const { status, headers, start, hasBody } = readHead(held)
    if (hasBody) return answer(status, headers, isWhole ? start : rest(start))
    stdout.resume()
    await ended
    return answer(status, headers)
  } catch (error) {
    stdout.destroy() // or the program might wait for a reader for ever
    throw error
  }

  function rest(start) {
    const body = new PassThrough()
    body.write(start)
    stdout.pipe(body, { end: false })
    body.on('close', () => stdout.destroy()) // the caller may have left
    ended.then(
      () => body.end(),
      (error) => body.destroy(error),
    )
    return body
  }
}

const answer = (statusCode, headers, body) => ({ statusCode, headers, body })

async function hold(stdout, isEnough) {
  let held = Buffer.alloc(0)
  for await (const part of stdout.iterator({ destroyOnReturn: false })) {
    held = Buffer.concat([held, part])
    if (held.length >= heldBytes || isEnough(held)) return { held, isWhole: false }
  }
  return { held, isWhole: true }
}
