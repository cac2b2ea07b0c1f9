import { expect, it } from 'vitest'
import { messageFrom } from '../../gateway/core/peer-messages.ts'

it.each(['', 'vacant', '{', '{"kind":"dance"}', 'null'])('takes no notice of %j, which is no message', (text) => {
  expect(messageFrom(text)).toBeUndefined()
})

it('understands what it says itself', () => {
  expect(messageFrom('{"kind":"applied","id":"1"}')).toEqual({ kind: 'applied', id: '1' })
})
