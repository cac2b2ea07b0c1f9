const assert = require('node:assert/strict')
const test = require('node:test')
const { main } = require('./index.js')

test('greets whom the parameters name', () => {
  assert.deepEqual(main({ name: 'Maja' }), { message: 'Hello, Maja!' })
})

test('greets the world when nobody is named', () => {
  assert.deepEqual(main({}), { message: 'Hello, World!' })
})
