import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../helpers/until.ts'
import { listen } from './direct-edge.ts'

const gibibyte = 2 ** 30
const chunk = Buffer.alloc(64 * 1024, 'x')

let fn: Server
let edge: ChildProcess
let port: number
/** By the body that was asked for last. */
let generatedBytes = 0

beforeAll(async () => {
  fn = createServer((req, res) => {
    if (req.url === '/down') {
      generated(gibibyte).pipe(res)
    } else {
      void bytesOf(req).then((bytes) => res.end(String(bytes)))
    }
  })
  const script = fileURLToPath(new URL('edge-process.ts', import.meta.url))
  edge = fork(script, ['127.0.0.1', String(await listen(fn))], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  if (!edge.stdout) throw new Error('The edge has no output.')
  for await (const line of createInterface(edge.stdout)) {
    port = Number(line)
    break
  }
})

afterAll(() => {
  edge.kill()
  fn.close()
})

/** So many bytes, made while they are read. */
function generated(bytes: number): Readable {
  let left = bytes
  generatedBytes = 0
  return new Readable({
    highWaterMark: chunk.length,
    read() {
      left -= chunk.length
      generatedBytes += chunk.length
      this.push(left < 0 ? null : chunk)
    },
  })
}

async function bytesOf(stream: Readable): Promise<number> {
  let bytes = 0
  stream.on('data', (data: Buffer) => (bytes += data.length))
  await once(stream, 'end')
  return bytes
}

/** The most memory that the edge has ever used. */
async function peakMiB(): Promise<number> {
  edge.send('peak')
  const [peak] = (await once(edge, 'message')) as [number]
  return peak
}

async function call(path: string, headers: Record<string, string>, body: Readable): Promise<IncomingMessage> {
  const outgoing = request({ port, path, method: 'POST', headers })
  const answered = once(outgoing, 'response')
  await pipeline(body, outgoing)
  const [answer] = (await answered) as [IncomingMessage]
  return answer
}

describe('a body of 1 GiB passes in constant memory', () => {
  it.each([
    ['with its length', { 'Content-Length': String(gibibyte) }],
    ['in chunks', {}],
  ])('as a request %s', async (_, headers) => {
    const before = await peakMiB()
    const answer = await call('/function/hello/up', headers, generated(gibibyte))
    const [text] = await answer.setEncoding('utf8').toArray()
    expect(text).toBe(String(gibibyte))
    expect((await peakMiB()) - before).toBeLessThan(96)
  })

  it('as an answer', async () => {
    const before = await peakMiB()
    const answer = await call('/function/hello/down', {}, generated(0))
    expect(await bytesOf(answer)).toBe(gibibyte)
    expect((await peakMiB()) - before).toBeLessThan(96)
  })

  it('as an answer only as fast as its caller reads', async () => {
    const answer = await call('/function/hello/down', {}, generated(0))
    await once(answer, 'readable')
    await until(async () => {
      const before = generatedBytes
      await sleep(200)
      return generatedBytes === before
    })
    expect(generatedBytes).toBeLessThan(64 * 2 ** 20)
    answer.destroy()
  })
})
