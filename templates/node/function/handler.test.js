const assert = require('node:assert/strict')
const test = require('node:test')
const handler = require('./handler.js')

const call = (event) => handler({ method: 'POST', path: '/', query: {}, headers: {}, body: '', ...event }, {})

test('greets whom the body names', async () => {
  assert.deepEqual(await call({ body: { name: 'Maja' } }), { message: 'Hello, Maja!' })
})

test('greets the world when nobody is named', async () => {
  assert.deepEqual(await call({}), { message: 'Hello, World!' })
})
