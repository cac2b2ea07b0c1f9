const assert = require('node:assert/strict')
const test = require('node:test')
const { hello } = require('./index.js')

function answerTo(request) {
  let answer
  hello({ body: {}, query: {}, ...request }, { json: (value) => (answer = value) })
  return answer
}

test('greets whom the body names', () => {
  assert.deepEqual(answerTo({ body: { name: 'Maja' } }), { message: 'Hello, Maja!' })
})

test('greets the world when nobody is named', () => {
  assert.deepEqual(answerTo({}), { message: 'Hello, World!' })
})
