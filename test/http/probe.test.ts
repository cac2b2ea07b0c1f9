import { createServer } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { httpCarrier } from '../../gateway/http/carrier.ts'
import { until } from '../helpers/until.ts'
import { listen } from './direct-edge.ts'
import { rawFunction } from './raw.ts'
import type { RawFunction } from './raw.ts'

const carrier = httpCarrier()
let fn: RawFunction | undefined

afterEach(() => fn?.close())

const patient = (): { timeoutMs: number; signal: AbortSignal } => ({
  timeoutMs: 20_000,
  signal: new AbortController().signal,
})
const hasty = (): { timeoutMs: number; signal: AbortSignal } => ({ ...patient(), timeoutMs: 200 })

describe('a function is ready', () => {
  it.each([
    ['when it says so', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['when it knows no such path', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'],
    ['when it wants credentials', 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n'],
    ['when it takes that for an invocation and fails', 'HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n'],
    ['when it answers something else than HTTP', 'hi\r\n'],
  ])('%s', async (_, answer) => {
    fn = await rawFunction(answer)
    await carrier.probe({ host: '127.0.0.1', port: fn.port }, hasty())
    expect(fn.connections.at(-1)?.received).toMatch(/^GET \/_\/ready HTTP\/1\.1\r\nHost: /)
  })

  it('as soon as it listens', async () => {
    const late = createServer((_, res) => res.end())
    const port = await listen(late)
    late.close()
    await until(() => !late.listening)
    const ready = carrier.probe({ host: '127.0.0.1', port }, patient())
    await until(() => refuses(port))
    late.listen(port, '127.0.0.1')
    await ready
    late.close()
  })

  it.each(['503 Service Unavailable', '429 Too Many Requests'])('not yet when it says %s', async (status) => {
    let asked = 0
    fn = await rawFunction((socket) =>
      socket.end(`HTTP/1.1 ${++asked < 5 ? status : '200 OK'}\r\nContent-Length: 0\r\n\r\n`),
    )
    await carrier.probe({ host: '127.0.0.1', port: fn.port }, patient())
    expect(asked).toBe(6) // at the end for its health, and whether it is ready
  })

  it('not yet when it hangs up', async () => {
    let asked = 0
    fn = await rawFunction((socket) => (++asked < 5 ? socket.destroy() : socket.end('HTTP/1.1 200 OK\r\n\r\n')))
    await carrier.probe({ host: '127.0.0.1', port: fn.port }, patient())
    expect(asked).toBe(6)
  })
})

describe('a function that is not ready', () => {
  it.each([
    ['refuses', 1, /ECONNREFUSED/],
    ['says 503', undefined, /it answers 503/],
  ])('in time because it %s ends as start_timeout', async (_, port, reason) => {
    fn = await rawFunction('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n')
    await expect(carrier.probe({ host: '127.0.0.1', port: port ?? fn.port }, hasty())).rejects.toMatchObject({
      code: 'start_timeout',
      message: expect.stringMatching(reason),
    })
  })

  it('in time because it never answers ends as start_timeout', async () => {
    fn = await rawFunction(() => {})
    await expect(carrier.probe({ host: '127.0.0.1', port: fn.port }, hasty())).rejects.toMatchObject({
      code: 'start_timeout',
    })
  })

  it('because it says that it cannot load its handler ends at once as start_failed, with what it says', async () => {
    fn = await rawFunction(
      'HTTP/1.1 503 No\r\nContent-Type: text/plain\r\n\r\ncannot load: handler.js:3: SyntaxError: é',
    )
    await expect(carrier.probe({ host: '127.0.0.1', port: fn.port }, patient())).rejects.toMatchObject({
      code: 'start_failed',
      detail: expect.stringMatching(/handler\.js:3: SyntaxError: /),
    })
  })

  it('is not asked any more when nobody wants to know', async () => {
    fn = await rawFunction(() => {})
    const abort = new AbortController()
    const ready = carrier.probe({ host: '127.0.0.1', port: fn.port }, { timeoutMs: 20_000, signal: abort.signal })
    await until(() => fn?.connections.length)
    abort.abort(new Error('it was removed'))
    await expect(ready).rejects.toThrow('it was removed')
    await until(() => fn?.connections[0]?.closed)
  })
})

async function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(false)).on('error', () => resolve(true))
    socket.on('connect', () => socket.destroy())
  })
}
