const assert = require('node:assert/strict')
const test = require('node:test')
const { handler } = require('./index.js')

test('greets whom the body names', async () => {
  assert.deepEqual(await handler({ body: '{"name":"Maja"}' }), { message: 'Hello, Maja!' })
})

test('greets the world when nobody is named', async () => {
  assert.deepEqual(await handler({}), { message: 'Hello, World!' })
})
