import assert from 'node:assert/strict'
import test from 'node:test'
import handle from './handler.ts'

const call = (body: unknown) => handle({ method: 'POST', path: '/', query: {}, headers: {}, body }, {})

test('greets whom the body names', async () => {
  assert.deepEqual(await call({ name: 'Maja' }), { message: 'Hello, Maja!' })
})

test('greets the world when nobody is named', async () => {
  assert.deepEqual(await call(''), { message: 'Hello, World!' })
})
