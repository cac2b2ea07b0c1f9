import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ServerResponse } from 'node:http'
import { callbackGuard } from '../../gateway/triggers/callback-guard.ts'
import { callbackUrl, sendCallback } from '../../gateway/triggers/callback.ts'
import { aCall } from '../contract/queue-site.ts'
import { until } from '../helpers/until.ts'
import { openStage, testServer } from './stage.ts'
import type { Seen, Stage, TestServer } from './stage.ts'

const never = new AbortController().signal
const strict = callbackGuard([])
const loopback = callbackGuard(['127.0.0.0/8'])

describe('the guard of callbacks', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.1:6379/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://0.0.0.0/',
    'http://10.1.2.3/',
    'http://100.64.0.1/',
    'http://172.31.255.255/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[fd00::1]/',
    'http://[fe80::1]/',
    'http://[ff02::1]/',
  ])('refuses %s when it is submitted', (url) => {
    expect(() => callbackUrl(url, strict)).toThrow('not a public address')
  })

  it.each(['file:///etc/passwd', 'gopher://example.com/', '/relative', 'example.com', ''])(
    'refuses %j, which is no web address',
    (url) => {
      expect(() => callbackUrl(url, strict)).toThrow('not an http or https address')
    },
  )

  it.each([
    'http://93.184.216.34/',
    'https://[2606:2800:220:1:248:1893:25c8:1946]/',
    'https://example.com:8443/hook?x=1',
  ])('lets %s pass', (url) => {
    expect(callbackUrl(url, strict).href).toBe(url)
  })

  it('lets pass what the operator allows: a network, an address, a host', () => {
    const guard = callbackGuard(['10.0.0.0/8', '192.168.1.7', 'fd00::/8', 'hooks.lan'])
    guard('a', '10.9.8.7')
    guard('b', '192.168.1.7')
    guard('c', 'fd00::5')
    guard('HOOKS.lan', '172.16.0.1')
    expect(() => guard('d', '192.168.1.8')).toThrow('d is at 192.168.1.8')
    expect(() => guard('other.lan', '172.16.0.1')).toThrow('other.lan')
  })

  it('refuses an address that it cannot read', () => {
    expect(() => strict('odd', 'not-an-address')).toThrow('odd')
    expect(() => strict('scoped', 'fe80::1%eth0')).toThrow('scoped')
  })
})

describe('a callback', () => {
  let receiver: TestServer
  let answer: (seen: Seen, res: ServerResponse) => void
  beforeEach(async () => {
    answer = (_, res) => void res.end()
    receiver = await testServer((seen, res) => answer(seen, res))
  })
  afterEach(() => receiver.close())
  const to = (host: string) =>
    aCall({ target: `http://${host}:${receiver.port}/hook`, headers: ['X-A', '1', 'X-A', '2'] })

  it('is posted', async () => {
    const end = await sendCallback(to('127.0.0.1'), loopback, never)
    expect(end).toMatchObject({ kind: 'answered', status: 200 })
    expect(receiver.seen[0]).toMatchObject({ method: 'POST', url: '/hook', body: Buffer.from('body') })
    expect(receiver.seen[0]?.headers).toMatchObject({ 'x-a': '1, 2', host: `127.0.0.1:${receiver.port}` })
  })

  it('is not sent to a name that leads to a private address, which only shows when it is looked up', async () => {
    const end = await sendCallback(to('localhost'), strict, never)
    expect(end).toMatchObject({ kind: 'failed', error: { message: expect.stringContaining('not a public address') } })
    expect(receiver.seen).toEqual([])
  })

  it('does not follow a redirect', async () => {
    answer = (seen, res) => {
      if (seen.url === '/hook') res.writeHead(307, { Location: `http://localhost:${receiver.port}/elsewhere` })
      res.end()
    }
    expect(await sendCallback(to('127.0.0.1'), loopback, never)).toMatchObject({ status: 307 })
    expect(receiver.seen).toHaveLength(1)
  })

  it('reads no more of an endless answer than it must', async () => {
    let closed = false
    answer = (_, res) => {
      const more = () => void (res.destroyed || res.write(Buffer.alloc(10_000), () => setImmediate(more)))
      res.on('close', () => (closed = true))
      more()
    }
    expect(await sendCallback(to('127.0.0.1'), loopback, never)).toMatchObject({ status: 200 })
    await until(() => closed)
    expect(closed).toBe(true)
  })

  it('is over when nobody wants it any more', async () => {
    answer = () => {}
    const stop = new AbortController()
    const end = sendCallback(to('127.0.0.1'), loopback, stop.signal)
    await until(() => receiver.seen.length === 1)
    stop.abort()
    expect(await end).toMatchObject({ kind: 'failed' })
  })

  it('to nobody says so', async () => {
    const call = to('127.0.0.1')
    await receiver.close()
    expect(await sendCallback(call, loopback, never)).toMatchObject({
      kind: 'failed',
      error: { code: 'upstream_failed' },
    })
  })

  describe('of a queued call', () => {
    let stage: Stage
    beforeEach(async () => {
      stage = await openStage()
    })
    afterEach(() => stage.close())
    const url = () => `http://127.0.0.1:${receiver.port}/hook`
    const push = () => stage.queue.push(aCall({ headers: ['X-Callback-Url', url()] }))
    const start = () => stage.start({ callbackAllow: ['127.0.0.1'] })

    it('brings the answer, the status, and what it is about', async () => {
      stage.answer = (_, res) => void res.writeHead(201, { 'Content-Type': 'text/csv' }).end('a,b')
      start()
      const id = await push()
      await until(() => receiver.seen.length === 1)
      expect(receiver.seen[0]?.body).toEqual(Buffer.from('a,b'))
      expect(receiver.seen[0]?.headers).toMatchObject({
        'content-type': 'text/csv',
        'content-length': '3',
        'x-call-id': id,
        'x-function-name': 'hello',
        'x-function-status': '201',
        'x-duration-seconds': expect.stringMatching(/^0\.\d+$/),
      })
    })

    it('brings the last answer of a call that is dead', async () => {
      stage.policy = { attempts: 2 }
      stage.answer = (_, res) => void res.writeHead(500).end('broken')
      start()
      await push()
      await until(() => receiver.seen.length === 1)
      expect(receiver.seen[0]).toMatchObject({ body: Buffer.from('broken'), headers: { 'x-function-status': '500' } })
    })

    it('is retried by the same rules, and a dead letter of its own in the end', async () => {
      stage.policy = { attempts: 3 }
      answer = (_, res) => void res.writeHead(503).end()
      start()
      const id = await push()
      // In whatever order the two end: the callback is there before the end of its call is told.
      const counts = await until(async () => {
        const depth = await stage.queue.depth()
        const hello = depth.get('hello')
        return depth.get('callback:hello')?.dead === 1 && (hello?.done ?? 0) + (hello?.dead ?? 0) === 1 && hello
      })
      expect(counts).toMatchObject({ done: 1, dead: 0 })
      expect(receiver.seen).toHaveLength(3)
      expect(receiver.seen.map(({ headers }) => headers['x-call-id'])).toEqual([id, id, id])
    })

    it('that is refused is dead at once, and says why', async () => {
      stage.start()
      await push()
      const [letter] =
        (await until(async () => {
          const dead = await stage.queue.list({ function: 'callback:hello', state: 'dead' }, 1)
          return dead.length > 0 && dead
        })) || []
      expect(letter?.reason).toContain('not a public address')
      expect(receiver.seen).toEqual([])
    })
  })
})
