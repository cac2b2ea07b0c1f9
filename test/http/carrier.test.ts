import { Readable } from 'node:stream'
import { afterEach, expect, it } from 'vitest'
import type { CarrierLimits, Outcome } from '../../gateway/core/carrier.ts'
import type { Invocation } from '../../gateway/core/invocation.ts'
import { httpCarrier } from '../../gateway/http/carrier.ts'
import { until } from '../helpers/until.ts'
import { collectedInvocation } from './collected.ts'
import { noLimits } from './direct-edge.ts'
import { answerAfter, rawFunction } from './raw.ts'
import type { RawFunction } from './raw.ts'

const carrier = httpCarrier()
let fn: RawFunction

afterEach(() => {
  carrier.close()
  fn.close()
})

async function send(invocation: Invocation, limits: Partial<CarrierLimits> = {}): Promise<Outcome> {
  const address = { host: '127.0.0.1', port: fn.port }
  return new Promise((resolve) => carrier.send(address, invocation, { ...noLimits, ...limits }, resolve))
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

it('a body of bytes is sent with its own length, whatever the headers say', async () => {
  fn = await rawFunction(ok)
  const { invocation, answer } = collectedInvocation('POST', Buffer.from('hello'), ['Content-Length', '99'])
  expect(await send(invocation)).toEqual({ kind: 'done', status: 200 })
  expect(answer).toMatchObject({ status: 200, body: 'ok' })
  expect(fn.connections[0]?.received).toMatch(/\r\nContent-Length: 5\r\n\r\nhello$/)
})

it('a stream without a length is sent in chunks', async () => {
  fn = await rawFunction(answerAfter(/0\r\n\r\n$/, ok))
  const { invocation } = collectedInvocation('POST', Readable.from(['hel', '', Buffer.from('lö')]))
  expect(await send(invocation)).toEqual({ kind: 'done', status: 200 })
  expect(fn.connections[0]?.received).toMatch(/\r\n\r\n3\r\nhel\r\n3\r\nl\xc3\xb6\r\n0\r\n\r\n$/)
})

it.each([
  ['longer', '3'],
  ['shorter', '9'],
])('a stream that is %s than it said does not reach the function as a whole request', async (_, length) => {
  fn = await rawFunction(() => {})
  const { invocation } = collectedInvocation('POST', Readable.from([Buffer.from('hello')]), ['Content-Length', length])
  expect(await send(invocation)).toEqual({ kind: 'caller_left' })
  await until(() => fn.connections[0]?.closed)
  expect(fn.connections[0]?.received).not.toMatch(new RegExp(`\r\n\r\n.{${length}}`))
})

it('a stream that breaks ends the function’s request', async () => {
  fn = await rawFunction(() => {})
  const body = new Readable({ read: () => {} })
  const { invocation } = collectedInvocation('POST', body)
  const outcome = send(invocation)
  body.push('hello')
  await until(() => fn.connections[0]?.received.includes('hello'))
  body.destroy(new Error('the source is gone'))
  expect(await outcome).toEqual({ kind: 'caller_left' })
  await until(() => fn.connections[0]?.closed)
})

it('cancel is there while the carrier works, and gone afterwards', async () => {
  fn = await rawFunction(ok)
  const { invocation } = collectedInvocation('GET')
  const outcome = send(invocation)
  expect(invocation.cancel).toBeTypeOf('function')
  await outcome
  expect(invocation.cancel).toBeUndefined()
})

it('closing the carrier ends what is under way', async () => {
  fn = await rawFunction(() => carrier.close())
  const { invocation } = collectedInvocation('GET')
  expect(await send(invocation)).toMatchObject({ kind: 'failed', error: { code: 'upstream_failed' } })
})
